import type { RunningProgram } from './program.ts';

/** A program of the cluster that can break down: started again it finds the same data and the same address. */
export class Restartable implements RunningProgram {
  readonly #launch: () => RunningProgram;
  #running: RunningProgram;

  constructor(launch: () => RunningProgram) {
    this.#launch = launch;
    this.#running = launch();
  }

  get name(): string {
    return this.#running.name;
  }

  /** Starts it where it has ended. */
  start(): void {
    if (this.ended() !== undefined) this.#running = this.#launch();
  }

  /** It stays, with all its connections, and does nothing until it is thawed. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  ended(): string | undefined {
    return this.#running.ended();
  }

  logTail(): string {
    return this.#running.logTail();
  }

  signal(signal: NodeJS.Signals): void {
    this.#running.signal(signal);
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#running.stop(signal);
  }
}
