import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../config/service.ts';
import { Fault } from '../fault.ts';
import type { Api } from './api.ts';
import { SecretDestination } from './secret.ts';

/** Where a service writes. Both calls throw a `Fault` with what was refused. */
export interface Destination {
  /** Proves that it can be written, and writes nothing of a credential. */
  init(): Promise<void>;
  write(key: string, content: string): Promise<void>;
}

export interface Surroundings {
  /** Called by the first Secret that needs it; throws where there is no way to an API server. */
  readonly api: () => Api;
  /** POD_NAMESPACE. */
  readonly namespace?: string | undefined;
}

/** @returns undefined for a listener. */
export function destinationOf(
  { destination, hasSubdirectory }: Service,
  { api, namespace }: Surroundings,
): Destination | undefined {
  if (destination?.type === 'directory') return new DirectoryDestination(destination.path);
  if (destination?.type === 'memory') return { init: nothing, write: nothing };
  return destination && new SecretDestination(destination, { api, namespace, hasSubdirectory });
}

const nothing = (): Promise<void> => Promise.resolve();

/** Files of 0600 in a folder of 0700, written in place one after the other. */
class DirectoryDestination implements Destination {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async init(): Promise<void> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new Fault(`mkdir ${this.#path}: ${(error as NodeJS.ErrnoException).code ?? ''}`, {
        cause: error,
      });
    }
  }

  async write(key: string, content: string): Promise<void> {
    await writeFile(join(this.#path, key), content, { mode: 0o600 });
  }
}
