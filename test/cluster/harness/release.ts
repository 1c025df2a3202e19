import { bundlePatch, readEntries } from '../../../src/certificates/ca-bundle.ts';
import type { KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { Finished } from './command.ts';

/** One way to run helm. */
export interface HelmWay {
  readonly run: (args: readonly string[]) => Promise<Finished>;
  /** Flags of `install` and `upgrade`. */
  readonly flags: readonly string[];
}

const COLLECTION = '/apis/admissionregistration.k8s.io/v1';
const KINDS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;

/** A release of the chart's webhook entries, and what the controller does to them. */
export class Release {
  readonly #name: string;
  readonly #client: KubernetesClient;

  constructor(name: string, client: KubernetesClient) {
    this.#name = name;
    this.#client = client;
  }

  /** `install` or `upgrade`; throws with helm's own words when it fails. */
  async helm(way: HelmWay, verb: 'install' | 'upgrade', chart: string, ...flags: string[]): Promise<void> {
    const url = ['--set', 'webhook.url=https://127.0.0.1:1'];
    await this.#run(way, [verb, this.#name, chart, ...url, ...way.flags, ...flags]);
  }

  /** To the first revision. */
  async rollBack(way: HelmWay): Promise<void> {
    await this.#run(way, ['rollback', this.#name, '1']);
  }

  /** By JSON Patch, as the controller does it. */
  async publish(bundle: string): Promise<void> {
    await this.#patch(({ body, version }) => {
      const operations = bundlePatch(readEntries(body), version, bundle);
      return operations && { kind: 'json', body: operations };
    });
  }

  /** As the controller must not do it. */
  async publishByApply(bundle: string): Promise<void> {
    await this.#patch(({ body, kind, name }) => {
      const clientConfig = { caBundle: btoa(bundle) };
      const webhooks = readEntries(body).map((entry) => ({ name: entry.name, clientConfig }));
      const apiVersion = 'admissionregistration.k8s.io/v1';
      return { kind: 'apply', body: { apiVersion, kind, metadata: { name }, webhooks } };
    });
  }

  /** Every entry with its bundle, as `mutate.tbot-injector.io=PEM`; without one it ends with `=`. */
  async entries(): Promise<readonly string[]> {
    const found = await this.#read();
    return found.flatMap(({ body }) => readEntries(body).map(({ name, bundle = '' }) => `${name}=${bundle}`));
  }

  /** The resourceVersion of each object; without a write it stays. */
  async versions(): Promise<readonly string[]> {
    return (await this.#read()).map(({ version }) => version);
  }

  async #run({ run }: HelmWay, args: readonly string[]): Promise<void> {
    const { code, stderr } = await run([...args, '--namespace', 'default']);
    if (code !== 0) throw new Error(stderr);
  }

  async #read() {
    const name = `${this.#name}-tbot-injector`;
    const found = KINDS.map(async (kind) => {
      const path = `${COLLECTION}/${kind.toLowerCase()}s/${name}`;
      const answer = await this.#client.getJson(path);
      if (answer.kind === 'not-found') return [];
      const { metadata } = answer.body as { metadata: { resourceVersion: string } };
      return [{ kind, name, path, body: answer.body, version: metadata.resourceVersion }];
    });
    return (await Promise.all(found)).flat();
  }

  async #patch(make: (found: Configuration) => Parameters<KubernetesClient['patchJson']>[1] | undefined) {
    for (const found of await this.#read()) {
      const patch = make(found);
      if (patch !== undefined) await this.#client.patchJson(found.path, patch);
    }
  }
}

interface Configuration {
  readonly kind: string;
  readonly name: string;
  readonly body: unknown;
  readonly version: string;
}
