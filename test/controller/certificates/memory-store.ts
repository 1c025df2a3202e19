import { readEntries } from '../../../src/certificates/ca-bundle.ts';
import type { ContentsChange } from '../../../src/certificates/secret-contents.ts';
import type {
  CertificateStore,
  StoredCertificates,
} from '../../../src/controller/certificates/certificate-store.ts';
import type { WebhookConfiguration } from '../../../src/controller/certificates/webhook-configurations.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';

/** Two Secrets and one webhook configuration in memory, with the API server's rules about versions. */
export class MemoryStore implements CertificateStore {
  authority: Record<string, string> | undefined;
  serving: Record<string, string> | undefined;
  /** Bundles of the entries, PEM; undefined: no such configuration. */
  entries: (string | undefined)[] | undefined = [undefined, undefined];
  version = 1;
  /** Called before each write, with what it writes; may throw, as if the process were killed there. */
  onWrite: (what: 'authority' | 'serving' | 'publish') => void = () => undefined;

  read(): Promise<StoredCertificates> {
    return Promise.resolve({
      authority: this.#stored(this.authority),
      serving: this.#stored(this.serving),
      configurations: this.#configurations(),
    });
  }

  writeAuthority(change: ContentsChange, version: string | undefined): Promise<void> {
    return this.#write('authority', version, () => {
      this.authority = merged(this.authority, change);
    });
  }

  writeServing(change: ContentsChange, version: string | undefined): Promise<void> {
    return this.#write('serving', version, () => {
      this.serving = merged(this.serving, change);
    });
  }

  async publish(bundle: string, configurations: readonly WebhookConfiguration[]): Promise<number> {
    const [configuration] = configurations;
    if (configuration === undefined) return 0;
    await this.#write('publish', configuration.version, () => {
      this.entries = this.entries?.map(() => bundle);
    });
    return 1;
  }

  async #write(
    what: 'authority' | 'serving' | 'publish',
    version: string | undefined,
    write: () => void,
  ): Promise<void> {
    this.onWrite(what);
    await Promise.resolve();
    const isThere = what === 'publish' || this[what] !== undefined;
    const now = isThere ? String(this.version) : undefined;
    if (version !== now) throw new KubernetesError('conflict', `${what} has changed`, { status: 409 });
    this.version++;
    write();
  }

  #stored(contents: Record<string, string> | undefined) {
    return { contents: contents ?? {}, version: contents === undefined ? undefined : String(this.version) };
  }

  #configurations(): readonly WebhookConfiguration[] {
    if (this.entries === undefined) return [];
    const webhooks = this.entries.map((bundle, index) => ({
      name: `entry-${index}`,
      clientConfig: bundle === undefined ? {} : { caBundle: Buffer.from(bundle).toString('base64') },
    }));
    return [{ path: '/configuration', version: String(this.version), entries: readEntries({ webhooks }) }];
  }
}

function merged(before: Record<string, string> | undefined, change: ContentsChange): Record<string, string> {
  const after = new Map(Object.entries(before ?? {}));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  return Object.fromEntries(after);
}
