import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCKS, type Clocks } from './clocks.ts';
import {
  heldBy,
  isPastDeadline,
  LEASE_SETTINGS,
  nextStep,
  observe,
  released,
  type LeaseSettings,
  type LeaseStep,
  type ObservedLease,
} from './lease.ts';
import type { LeaseStore, StoredLease } from './lease-store.ts';

/** What the leader works with. */
export interface Leadership {
  /** Aborts when the leadership ends. */
  readonly signal: AbortSignal;
  /**
   * Whether it still lasts, by the clock: to be asked before each write, for a process that was stopped hears of
   * its loss only when its timers run again. It does not replace conditional writes: a Lease stops no write.
   */
  holds(): boolean;
}

export type ElectionReport =
  | { readonly kind: 'follows'; readonly leader: string }
  | { readonly kind: 'leads' }
  | { readonly kind: 'lost'; readonly why: Ending }
  | { readonly kind: 'released' }
  /** A look or a write failed; the next one is soon. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** Why a term of leading is over. */
export type Ending = 'taken' | 'deadline' | 'work-ended' | 'stopped';

export interface ElectorOptions {
  readonly store: LeaseStore;
  /** Unique to this process. */
  readonly identity: string;
  /** The work of a leader; it ends soon after `signal` aborts. */
  readonly lead: (leadership: Leadership) => Promise<void>;
  readonly onReport: (report: ElectionReport) => void;
  readonly stop: AbortSignal;
  readonly settings?: LeaseSettings;
  readonly clocks?: Clocks;
  /** 0 to 1. */
  readonly random?: () => number;
}

interface Term {
  readonly ending: AbortController;
  readonly work: Promise<void>;
  renewedAt: Moment;
}

/** By both clocks: the monotonic one stands still while the machine sleeps, and others lead meanwhile. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** Leads whenever no other replica does, until `stop`; then hands the Lease over. Never rejects. */
export async function runElector(options: ElectorOptions): Promise<void> {
  await new Elector(options).run();
}

class Elector {
  readonly #options: Required<ElectorOptions>;
  #observed: ObservedLease | undefined;
  #term: Term | undefined;
  #followed: string | undefined;

  constructor(options: ElectorOptions) {
    this.#options = {
      settings: LEASE_SETTINGS,
      clocks: CLOCKS,
      random: Math.random,
      ...options,
    };
  }

  async run(): Promise<void> {
    const { stop, settings, random } = this.#options;
    while (!stop.aborted) {
      await this.#tryRound();
      // A little apart, so that followers do not all try in the same instant.
      await pause(settings.retryMs * (0.9 + 0.2 * random()), stop);
    }
    if (this.#term === undefined) return;
    this.#term.ending.abort('stopped' satisfies Ending);
    await this.#term.work;
    await this.#release();
  }

  /** One round: reads the Lease, decides, acts. */
  async #tryRound(): Promise<void> {
    const { store, identity, clocks, settings } = this.#options;
    try {
      await this.#endTerm();
      const stored = await store.read();
      this.#observed = observe(this.#observed, stored.record, clocks.monotonic());
      const me = { identity, renewedAt: this.#term?.renewedAt.monotonic };
      await this.#act(nextStep(this.#observed, me, clocks.monotonic(), settings), stored);
    } catch (error) {
      this.#options.onReport({ kind: 'failed', error });
    }
  }

  async #act(step: LeaseStep, stored: StoredLease): Promise<void> {
    const { store, identity, clocks, settings, onReport } = this.#options;
    switch (step.kind) {
      case 'follow':
        if (this.#followed !== step.leader) onReport({ kind: 'follows', leader: step.leader });
        this.#followed = step.leader;
        return;
      case 'acquire':
      case 'renew': {
        const sentAt = { monotonic: clocks.monotonic(), wall: clocks.now() };
        const record = heldBy(identity, stored.record, new Date(clocks.now()), settings);
        const written = await store.write(record, stored.version);
        this.#observed = observe(this.#observed, written.record, clocks.monotonic());
        if (this.#term === undefined) this.#begin(sentAt);
        else this.#term.renewedAt = sentAt;
        return;
      }
      case 'lost':
        this.#term?.ending.abort(step.why);
        await this.#endTerm();
        return;
    }
  }

  #begin(renewedAt: Moment): void {
    const { lead, clocks, settings, onReport } = this.#options;
    const ending = new AbortController();
    const isPast = (): boolean =>
      isPastDeadline(term.renewedAt.monotonic, clocks.monotonic(), settings) ||
      isPastDeadline(term.renewedAt.wall, clocks.now(), settings);
    // Calls may hang, so the deadline has an eye of its own.
    const watchdog = setInterval(() => {
      if (isPast()) ending.abort('deadline' satisfies Ending);
    }, settings.retryMs / 4);
    ending.signal.addEventListener('abort', () => {
      clearInterval(watchdog);
    });
    const work = async (): Promise<void> => {
      try {
        await lead({ signal: ending.signal, holds: () => !ending.signal.aborted && !isPast() });
      } catch (error) {
        onReport({ kind: 'failed', error });
      }
      // Work that ends by itself begins again with the next round.
      ending.abort('work-ended' satisfies Ending);
    };
    this.#followed = undefined;
    onReport({ kind: 'leads' });
    const term: Term = { ending, renewedAt, work: Promise.resolve().then(work) };
    this.#term = term;
  }

  /** Where a term is over, waits until nothing of its work runs any more. */
  async #endTerm(): Promise<void> {
    const term = this.#term;
    if (term?.ending.signal.aborted !== true) return;
    this.#options.onReport({ kind: 'lost', why: term.ending.signal.reason as Ending });
    await term.work;
    this.#term = undefined;
  }

  async #release(): Promise<void> {
    const { store, identity, clocks, onReport } = this.#options;
    try {
      const { record, version } = await store.read();
      if (record?.holder !== identity) return;
      await store.write(released(record, new Date(clocks.now())), version);
      onReport({ kind: 'released' });
    } catch (error) {
      // The others then wait until it runs out.
      onReport({ kind: 'failed', error });
    }
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}
