import { CLOCKS } from '../../kubernetes/clocks.ts';
import type { InformerHealth, InformerMonitor } from '../../kubernetes/informer.ts';
import type { WatchReport } from '../../kubernetes/watch-handlers.ts';

/** Tells a right that is missing from one that has not reached the API server yet: it is refused for a while. */
export class MissingRightDetector implements InformerMonitor {
  readonly #next: InformerMonitor;
  readonly #missing = Promise.withResolvers<true>();
  readonly #patienceMs: number;
  #refusedSince: number | undefined;
  #wasMissing = false;

  /** @param next hears of everything as well */
  constructor(next: InformerMonitor, patienceMs: number) {
    this.#next = next;
    this.#patienceMs = patienceMs;
  }

  /** Resolves once refusals have lasted, and never otherwise. */
  get isMissing(): Promise<true> {
    return this.#missing.promise;
  }

  get wasMissing(): boolean {
    return this.#wasMissing;
  }

  informerReported(resource: string, report: WatchReport): void {
    if (report.kind === 'restarting') this.#follow(report);
    this.#next.informerReported(resource, report);
  }

  informerStarted(resource: string, informer: InformerHealth): void {
    this.#next.informerStarted(resource, informer);
  }

  informerStopped(resource: string): void {
    this.#next.informerStopped(resource);
  }

  #follow({ end }: Extract<WatchReport, { kind: 'restarting' }>): void {
    const isRefused = end.kind === 'failed' && end.error.code === 'forbidden';
    const now = CLOCKS.monotonic();
    this.#refusedSince = isRefused ? (this.#refusedSince ?? now) : undefined;
    if (this.#refusedSince === undefined || now - this.#refusedSince < this.#patienceMs) return;
    this.#wasMissing = true;
    this.#missing.resolve(true);
  }
}
