import type { Config } from '../config/schema.ts';
import {
  freshnessOf,
  healthOf,
  printStatus,
  STATUS_KEY,
  type Checkup,
  type Freshness,
  type Health,
} from '../credentials/health.ts';
import type { ConsumerNamespace, Destination, Wanted } from '../credentials/wanted.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { EventNote, EventRecorder } from './events.ts';
import type { Seen } from './listing.ts';

export interface StatusOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  /** Of the ConfigMap that webhooks read. */
  readonly name: string;
  readonly seen: Seen;
  readonly wantedOf: (namespace: ConsumerNamespace) => Wanted;
  readonly events: EventRecorder;
  readonly mayWrite: () => boolean;
  readonly onCounted: (bot: string, counts: Readonly<Record<Exclude<Health, 'fresh'>, number>>) => void;
}

/** Tells webhooks, metrics and people which credentials were never written, and which are renewed no longer. */
export class StatusKeeper {
  readonly #options: StatusOptions;
  readonly #freshness: ReadonlyMap<string, Freshness>;
  #healths = new Map<string, Health>();
  #written: string | undefined;

  constructor(options: StatusOptions) {
    this.#options = options;
    const bots = Object.entries(options.config.bots);
    this.#freshness = new Map(bots.map(([bot, { tbot }]) => [bot, freshnessOf(tbot)]));
  }

  /** Looks at everything once, and writes where something has changed. @throws KubernetesError */
  async look(now: Date): Promise<void> {
    const checkups = this.#examine(now.getTime());
    this.#count(checkups);
    // Webhooks first: where every tbot is down there are many Events to tell.
    await this.#write(printStatus(checkups));
    await this.#tell(checkups);
  }

  #examine(now: number): readonly Checkup[] {
    const { seen, wantedOf } = this.#options;
    return [...seen.namespaces()].flatMap((namespace) => {
      const { destinations } = wantedOf(namespace);
      if (destinations.length === 0) return [];
      const { secrets } = seen.observed(namespace.name);
      return destinations.flatMap((destination) => {
        const freshness = this.#freshness.get(destination.bot);
        if (freshness === undefined) return [];
        const writtenAt = secrets.get(destination.secretName)?.writtenAt;
        return [{ destination, health: healthOf(writtenAt, freshness, now) }];
      });
    });
  }

  #count(checkups: readonly Checkup[]): void {
    for (const bot of this.#freshness.keys()) {
      const of = (health: Health): number =>
        checkups.filter((each) => each.destination.bot === bot && each.health === health).length;
      this.#options.onCounted(bot, { 'never-written': of('never-written'), stale: of('stale') });
    }
  }

  /** Of what has changed since the last look; a new leader says again what is stale. */
  async #tell(checkups: readonly Checkup[]): Promise<void> {
    const healths = new Map<string, Health>();
    for (const { destination, health } of checkups) {
      const { namespace, output, secretName, bot } = destination;
      const key = `${namespace}/${output}`;
      const before = this.#healths.get(key);
      healths.set(key, health);
      if (health === 'stale' && before !== 'stale') {
        const note =
          `Secret ${secretName} of output ${output} is not renewed: tbot has missed two renewals. ` +
          `Fix: read the log of the tbot of bot ${bot}`;
        await this.#options.events.record({
          type: 'Warning',
          reason: 'CredentialStale',
          note,
          regarding: this.#secret(destination),
        });
      }
      if (health === 'fresh' && before !== undefined && before !== 'fresh') {
        const note = `tbot has written Secret ${secretName} of output ${output}`;
        await this.#options.events.record({
          type: 'Normal',
          reason: 'CredentialReady',
          note,
          regarding: this.#secret(destination),
        });
      }
    }
    this.#healths = healths;
  }

  #secret({ namespace, secretName }: Destination): EventNote['regarding'] {
    const { uid } = this.#options.seen.observed(namespace).secrets.get(secretName) ?? {};
    return { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid };
  }

  async #write(text: string): Promise<void> {
    const { client, namespace, name, mayWrite } = this.#options;
    if (text === this.#written || !mayWrite()) return;
    const metadata = { name, namespace };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [STATUS_KEY]: text } };
    await client.patchJson(`/api/v1/namespaces/${namespace}/configmaps/${name}`, { kind: 'apply', body });
    this.#written = text;
  }
}
