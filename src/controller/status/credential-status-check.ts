import type { Config } from '../../config/schema.ts';
import {
  decideCredentialEvent,
  type ObservedCredential,
  type ReportedCredential,
} from '../../credentials/credential-event.ts';
import {
  readLifetime,
  healthOf,
  printStatus,
  STATUS_KEY,
  type CredentialLifetime,
  type Health,
} from '../../credentials/health.ts';
import { identityFailure, serviceStatusOf, type TbotReadiness } from '../../credentials/readiness.ts';
import { shardOf } from '../../credentials/shards.ts';
import type { ConsumerNamespace, Destination, DesiredState } from '../../credentials/desired-state.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { KubernetesEvent, EventRecorder } from '../runtime/event-recorder.ts';
import type { CacheView, ShardRef } from '../tbot/shard-config.ts';

export interface StatusOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  /** Of the ConfigMap that webhooks read. */
  readonly name: string;
  readonly cluster: CacheView & Pick<ClusterCache, 'sees'>;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly events: EventRecorder;
  /** What a tbot says; undefined where it cannot be asked. */
  readonly readinessOf: (of: ShardRef) => TbotReadiness | undefined;
  readonly metrics: Pick<Metrics, 'unhealthyCredentials' | 'failingCredentials'>;
}

interface Bot {
  readonly shards: number;
  /** By output. */
  readonly freshness: ReadonlyMap<string, CredentialLifetime>;
}

interface Examined extends ObservedCredential {
  readonly shard: number;
}

/** In one look: where every tbot fails, the status goes on being written between the Events. */
const MAX_EVENTS = 100;

/** A change of the ConfigMap by another writer is seen after this time. */
const READ_EVERY_MS = 60_000;

/** Tells webhooks, metrics and people which credentials were never written, cannot be renewed, or are renewed no longer. */
export class CredentialStatusCheck {
  readonly #options: StatusOptions;
  readonly #bots: ReadonlyMap<string, Bot>;
  #reported = new Map<string, ReportedCredential>();
  #stored: string | undefined;
  #readAt = -Infinity;

  constructor(options: StatusOptions) {
    this.#options = options;
    const bots = Object.entries(options.config.bots).map(([bot, { shards, tbot, outputs }]) => {
      const own = Object.entries(outputs).map(
        ([name, output]) => [name, readLifetime(tbot, output.tbot)] as const,
      );
      return [bot, { shards, freshness: new Map(own) }] as const;
    });
    this.#bots = new Map(bots);
  }

  /** Looks at everything once, and writes where something has changed. @throws KubernetesError */
  async check(now: Date): Promise<void> {
    const examined = this.#examine(now.getTime());
    this.#count(examined);
    // Webhooks first: where every tbot is down there are many Events to tell.
    await this.#write(printStatus(examined), now.getTime());
    await this.#recordEvents(examined, now.getTime());
  }

  #examine(now: number): readonly Examined[] {
    const { cluster, desiredStateOf, readinessOf } = this.#options;
    const seenBots = new Map([...this.#bots].filter(([bot]) => cluster.sees(bot)));
    return [...cluster.namespaces()].flatMap((namespace) => {
      const { destinations } = desiredStateOf(namespace);
      if (destinations.length === 0) return [];
      const { secrets } = cluster.observed(namespace.name);
      return destinations.flatMap((destination) => {
        const bot = seenBots.get(destination.bot);
        const freshness = bot?.freshness.get(destination.output);
        if (bot === undefined || freshness === undefined) return [];
        const shard = shardOf(namespace.name, bot.shards);
        const readiness = readinessOf({ bot: destination.bot, shard });
        const writtenAt = secrets.get(destination.secretName)?.writtenAt;
        return {
          destination,
          shard,
          health: healthOf(writtenAt, freshness, now),
          status: serviceStatusOf(destination, readiness, writtenAt),
          identityFailure: identityFailure(readiness),
        };
      });
    });
  }

  #count(examined: readonly Examined[]): void {
    const { metrics, readinessOf } = this.#options;
    for (const [bot, { shards }] of this.#bots) {
      const own = examined.filter(({ destination }) => destination.bot === bot);
      const of = (health: Health): number => own.filter((each) => each.health === health).length;
      for (const state of ['never-written', 'stale'] as const)
        metrics.unhealthyCredentials.set({ bot, state }, of(state));
      for (let shard = 0; shard < shards; shard++) {
        const failing = own.filter((each) => each.shard === shard && each.status?.kind === 'unhealthy');
        const isKnown = readinessOf({ bot, shard }) !== undefined;
        if (isKnown) metrics.failingCredentials.set({ bot, shard }, failing.length);
        else metrics.failingCredentials.remove({ bot, shard });
      }
    }
  }

  /** Of what is news since the last look; a new leader says again what is ill. */
  async #recordEvents(examined: readonly Examined[], now: number): Promise<void> {
    const { events } = this.#options;
    const reported = new Map<string, ReportedCredential>();
    let recorded = 0;
    for (const diagnosis of examined) {
      const { namespace, output } = diagnosis.destination;
      const key = `${namespace}/${output}`;
      const before = this.#reported.get(key);
      const { reported: after, event } = decideCredentialEvent(before, diagnosis, now);
      // What is not told now is news at the next look.
      const isLeftOut = event !== undefined && recorded >= MAX_EVENTS;
      const kept = isLeftOut ? before : after;
      if (kept !== undefined) reported.set(key, kept);
      if (event === undefined || isLeftOut) continue;
      recorded++;
      await events.record({ ...event, regarding: this.#secret(diagnosis.destination) });
    }
    this.#reported = reported;
  }

  #secret({ namespace, secretName }: Destination): KubernetesEvent['regarding'] {
    const { uid } = this.#options.cluster.observed(namespace).secrets.get(secretName) ?? {};
    return { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid };
  }

  async #write(text: string, now: number): Promise<void> {
    const { client, namespace, name } = this.#options;
    const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
    if (Math.abs(now - this.#readAt) >= READ_EVERY_MS) {
      const answer = await client.getJson(path);
      this.#stored = answer.kind === 'ok' ? (answer.body as RawConfigMap).data?.[STATUS_KEY] : undefined;
      this.#readAt = now;
    }
    if (text === this.#stored) return;
    const metadata = { name, namespace };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [STATUS_KEY]: text } };
    await client.patchJson(path, { kind: 'apply', body });
    this.#stored = text;
  }
}

interface RawConfigMap {
  readonly data?: Readonly<Record<string, string>> | null;
}
