import { BACKOFF, type BackoffLimits } from './backoff.ts';
import type { KubernetesClient } from './client.ts';
import { CLOCKS, type Clocks } from './clocks.ts';
import type { WatchChange, WatchReport } from './watch-handlers.ts';
import type { Collection, Selection } from './list.ts';

export interface ReflectorOptions<T> {
  readonly client: KubernetesClient;
  /** The collection, as `/api/v1/namespaces`. */
  readonly path: string;
  /** Narrows the collection, as `{fieldSelector: 'metadata.name=x'}`; default: all of it. */
  readonly query?: Selection | undefined;
  /** How the objects come; `whole` by default. */
  readonly extent?: Collection['extent'];
  /** What is kept of an object, or undefined where it is malformed. */
  readonly read: (object: unknown) => T | undefined;
  /** May throw or reject: that is reported, and the watch goes on. */
  readonly onChange: (change: WatchChange<T>) => unknown;
  readonly onReport?: ((report: WatchReport) => void) | undefined;
  readonly timing?: Partial<WatchTiming> | undefined;
}

export interface WatchTiming extends Clocks {
  /** 0 to 1. */
  readonly random: () => number;
  readonly backoff: BackoffLimits;
  /** A watch that the server has not accepted after so many milliseconds is given up. */
  readonly answerWithinMs: number;
  /** So is an accepted one that has heard nothing for so many. */
  readonly silentAfterMs: number;
}

/**
 * The server ends a watch in good order after this time and it is opened again, so that a living watch is never
 * silent for longer, in a cluster where nothing happens too (bookmarks alone come once a minute, or never).
 */
export const LIFETIME_SECONDS = 20;

export const TIMING: WatchTiming = {
  ...CLOCKS,
  random: Math.random,
  backoff: BACKOFF,
  answerWithinMs: 10_000,
  silentAfterMs: LIFETIME_SECONDS * 1000 + 5_000,
};
