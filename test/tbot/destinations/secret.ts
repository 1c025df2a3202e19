import type { DestinationConfig } from '../config/destination.ts';
import { Fault } from '../fault.ts';
import type { Api } from './api.ts';
import type { Destination } from './destination.ts';

interface Secret {
  readonly metadata: { readonly resourceVersion?: string };
  readonly type: string;
  readonly data?: Readonly<Record<string, string>>;
}

interface Options {
  readonly api: () => Api;
  readonly namespace?: string | undefined;
  readonly hasSubdirectory?: boolean;
}

const NEW: Secret = { metadata: {}, type: 'Opaque' };

/**
 * Every write is a GET and an apply by the field manager `tbot`, not forced: of all keys that there were and the one
 * that is new, with the resourceVersion and the type that were read. A Secret that is not there is made.
 */
export class SecretDestination implements Destination {
  readonly #config: Extract<DestinationConfig, { type: 'kubernetes_secret' }>;
  readonly #options: Options;

  constructor(config: Extract<DestinationConfig, { type: 'kubernetes_secret' }>, options: Options) {
    this.#config = config;
    this.#options = options;
  }

  async init(): Promise<void> {
    if (this.#namespace === '')
      throw new Fault('unable to detect namespace from POD_NAMESPACE environment variable');
    if (this.#options.hasSubdirectory === true)
      throw new Fault('kubernetes_secret destination does not support subdirectories');
    await this.#apply(await this.#read(), {}, '&dryRun=All');
  }

  async write(key: string, content: string): Promise<void> {
    await this.#apply(await this.#read(), { [key]: Buffer.from(content).toString('base64') });
  }

  get #namespace(): string {
    return (this.#config.namespace ?? '') || (this.#options.namespace ?? '');
  }

  get #path(): string {
    return `/api/v1/namespaces/${this.#namespace}/secrets/${this.#config.name}`;
  }

  async #read(): Promise<Secret> {
    const { status, body } = await this.#options.api()('GET', this.#path);
    if (status === 404) return NEW;
    if (status !== 200) throw new Fault(textOf(body));
    return body as Secret;
  }

  async #apply(read: Secret, added: Secret['data'], query = ''): Promise<void> {
    const { name, labels } = this.#config;
    const { resourceVersion } = read.metadata;
    const { status, body } = await this.#options.api()(
      'PATCH',
      `${this.#path}?fieldManager=tbot${query}`,
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name,
          namespace: this.#namespace,
          ...(resourceVersion !== undefined && { resourceVersion }),
          ...(labels.size > 0 && { labels: Object.fromEntries(labels) }),
        },
        type: read.type,
        data: { ...read.data, ...added },
      },
      'application/apply-patch+yaml',
    );
    if (status !== 200 && status !== 201) throw new Fault(textOf(body));
  }
}

/** What the API server says, as client-go's errors have it. */
function textOf(body: unknown): string {
  return (body as { message?: string } | null)?.message ?? JSON.stringify(body);
}
