import { readServiceStatuses, type TbotReadiness } from '../../credentials/readiness.ts';
import { getReadiness, TbotError } from './get-readiness.ts';
import type { ShardRef } from './shard-config.ts';

export interface ReadinessPollerOptions {
  readonly shards: readonly ShardRef[];
  /** Where the diagnostics of a tbot are: scheme, host and port. */
  readonly urlOf: (of: ShardRef) => string;
  /** By the API server's clock. */
  readonly now: () => Date;
  readonly onPolled: (of: ShardRef, report: PollReport) => void;
  readonly timeoutMs?: number;
}

export interface PollReport {
  /** undefined: it has answered. */
  readonly failure: TbotError | undefined;
  /** It was otherwise the last time, or this is the first. */
  readonly isNews: boolean;
}

/** A sound tbot answers within milliseconds. */
const TIMEOUT_MS = 3_000;

/** At once: answers have up to 4 MiB, and look-ups of names, which have few threads. */
const CONCURRENCY = 4;

/** One that misses an answer or two, while it restarts, is remembered as it was. */
const LASTS_MS = 120_000;

/**
 * Asks every tbot how its services are: `/readyz`, which has all of them in one answer. `/readyz/{service}` has the same
 * content, and would be 2,000 requests to one tbot each time. Nothing waits for it, and a tbot that does not answer takes
 * one of a few places for seconds.
 */
export class ReadinessPoller {
  readonly #options: ReadinessPollerOptions;
  readonly #lastHeard = new Map<string, TbotReadiness>();
  readonly #answers = new Map<string, boolean>();

  constructor(options: ReadinessPollerOptions) {
    this.#options = options;
  }

  /** Asks each once. Never rejects. */
  async poll(signal: AbortSignal): Promise<void> {
    const { shards } = this.#options;
    const next = shards.values();
    const askOn = async (): Promise<void> => {
      for (const shard of next) {
        if (signal.aborted) return;
        await this.#poll(shard, signal);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, askOn));
  }

  /** What the tbot of a shard has said last, if that is not long ago. */
  readinessOf(of: ShardRef): TbotReadiness | undefined {
    const heard = this.#lastHeard.get(key(of));
    const isOld = heard !== undefined && this.#options.now().getTime() - heard.askedAt > LASTS_MS;
    return isOld ? undefined : heard;
  }

  async #poll(of: ShardRef, signal: AbortSignal): Promise<void> {
    const { urlOf, now, onPolled, timeoutMs = TIMEOUT_MS } = this.#options;
    const askedAt = now().getTime();
    const url = new URL('/readyz', urlOf(of)).href;
    const failure = await getReadiness(url, { signal, timeoutMs }).then(
      (text) => {
        const statuses = readServiceStatuses(text);
        if (statuses !== undefined) this.#lastHeard.set(key(of), { askedAt, statuses });
        return statuses === undefined ? unreadable(url) : undefined;
      },
      (error: unknown) => error as TbotError,
    );
    // It was not the tbot that ended it.
    if (signal.aborted) return;
    const isNews = this.#answers.get(key(of)) !== (failure === undefined);
    this.#answers.set(key(of), failure === undefined);
    onPolled(of, { failure, isNews });
  }
}

function unreadable(url: string): TbotError {
  return new TbotError('unexpected', `${url}: found no services in the answer; expected those of tbot 18`);
}

function key({ bot, shard }: ShardRef): string {
  return `${bot}/${shard}`;
}
