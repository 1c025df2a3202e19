import type { StoredTbot, TbotStore } from '../../../src/controller/tbot/tbot-store.ts';

export type TbotWrite = 'config' | 'restart';

/**
 * ConfigMap and Deployment of one tbot in memory, with the pod that Kubernetes keeps for them: it waits for its
 * ConfigMap, reads it once, and is replaced when its template changes.
 */
export class MemoryTbot implements TbotStore {
  isThere = true;
  config: string | undefined;
  hash: string | undefined;
  restartedAt: number | undefined;
  /** What the running tbot has read; undefined: its pod waits for the ConfigMap. */
  running: string | undefined;
  /** How often a tbot that ran was ended. */
  interruptions = 0;
  readonly writes: TbotWrite[] = [];
  /** Called before and after each write; may throw, as if the process were killed there. */
  onWrite: (what: TbotWrite, when: 'before' | 'after') => void = () => undefined;
  reads = 0;

  read(): Promise<StoredTbot | undefined> {
    this.reads++;
    const { config, hash, restartedAt } = this;
    return Promise.resolve(this.isThere ? { config, hash, restartedAt, owner: { uid: 'u' } } : undefined);
  }

  async writeConfig(text: string): Promise<void> {
    await this.#write('config', () => {
      this.config = text;
      this.running ??= text;
    });
  }

  async restart(hash: string, now: Date): Promise<void> {
    await this.#write('restart', () => {
      this.hash = hash;
      this.restartedAt = now.getTime();
      if (this.running !== undefined) this.interruptions++;
      this.running = this.config;
    });
  }

  async #write(what: TbotWrite, write: () => void): Promise<void> {
    this.onWrite(what, 'before');
    await Promise.resolve();
    this.writes.push(what);
    write();
    this.onWrite(what, 'after');
  }
}
