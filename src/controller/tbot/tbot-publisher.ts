import { createHash } from 'node:crypto';
import {
  tbotRestartDelay,
  TBOT_RESTART_SETTINGS,
  type TbotRestartSettings,
} from '../../credentials/tbot-restart.ts';
import type { TbotStore } from './tbot-store.ts';

export interface PublisherOptions {
  readonly store: TbotStore;
  /** What tbot.yaml is to be, and how many services it has. */
  readonly render: () => { readonly text: string; readonly services: number };
  /** By the API server's clock. */
  readonly now: () => Date;
  readonly onRestart: () => void;
  readonly settings?: TbotRestartSettings;
}

/**
 * Brings the tbot.yaml of one shard to its tbot. The ConfigMap follows at once, so that a pod that starts by itself
 * reads the newest; the restart that makes a running one read it waits until changes have come to an end.
 */
export class TbotPublisher {
  readonly #options: PublisherOptions;
  readonly #settings: TbotRestartSettings;
  #differsSince: number | undefined;
  #changedAt = 0;
  #lastHash = '';

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#settings = options.settings ?? TBOT_RESTART_SETTINGS;
  }

  /** Does what is due; resolves to the milliseconds after which to come again, undefined where nothing is left. */
  async publish(): Promise<number | undefined> {
    const { store, render, onRestart } = this.#options;
    const stored = await store.read();
    const { text, services } = render();
    // Without services tbot has nothing to do, and until there is one it waits for its ConfigMap.
    if (stored === undefined || (stored.config === undefined && services === 0)) return undefined;
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const now = this.#options.now();
    if (stored.config === undefined) {
      // The pod that waits for it reads this one first: it needs no other start.
      if (stored.hash !== hash) await store.restart(hash, now);
      await store.writeConfig(text, stored.owner);
      this.#settled();
      return undefined;
    }
    if (stored.config !== text) await store.writeConfig(text, stored.owner);
    if (stored.hash !== hash) {
      const delay = this.#delay(hash, stored.restartedAt, now.getTime());
      if (delay > 0) return delay;
      await store.restart(hash, now);
      onRestart();
    }
    this.#settled();
    return undefined;
  }

  #delay(hash: string, restartedAt: number | undefined, now: number): number {
    // The clock may have been set back since.
    this.#differsSince = Math.min(this.#differsSince ?? now, now);
    this.#changedAt = this.#lastHash === hash ? Math.min(this.#changedAt, now) : now;
    this.#lastHash = hash;
    return tbotRestartDelay(
      { differsSince: this.#differsSince, changedAt: this.#changedAt, restartedAt },
      now,
      this.#settings,
    );
  }

  #settled(): void {
    this.#differsSince = undefined;
    this.#lastHash = '';
  }
}
