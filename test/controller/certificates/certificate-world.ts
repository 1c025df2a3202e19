import { ROTATION } from '../../../src/certificates/renewal.ts';
import { inspectPair } from '../../../src/certificates/inspect.ts';
import type { Inspection } from '../../../src/certificates/validity.ts';
import { Hold, rotate, type CertificateReport } from '../../../src/controller/certificates/rotate.ts';
import type { CertificateStore } from '../../../src/controller/certificates/certificate-store.ts';

export const SERVING_NAMES = ['hook', 'hook.tbot-system', 'hook.tbot-system.svc', '127.0.0.1'] as const;
const DAY_MS = 86_400_000;

/** Passes over a store at a time that the test sets: a controller without its process. */
export class TestKeeper {
  now: Date;
  elapsedMs = 0;
  readonly #store: CertificateStore;
  #hold = new Hold();

  constructor(store: CertificateStore, now: Date) {
    this.#store = store;
    this.now = now;
  }

  /** One pass, and what it did, as `store-authority:no-ca publish issue:no-leaf rest`. */
  async pass(): Promise<string> {
    const done: string[] = [];
    const end = await rotate({
      store: this.#store,
      names: SERVING_NAMES,
      now: () => this.now,
      monotonic: () => this.elapsedMs,
      hold: this.#hold,
      onReport: (report) => {
        if (report.kind === 'done') done.push(printStep(report));
      },
    });
    return [...done, end].join(' ');
  }

  /** Time goes by, for both clocks. */
  wait(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
    this.elapsedMs += ms;
  }

  waitDays(days: number): void {
    this.wait(days * DAY_MS);
  }

  /** As long as what was published has to be held. */
  settle(): void {
    this.wait(ROTATION.settleMs);
  }

  /** Somebody sets the clock. */
  jumpDays(days: number): void {
    this.now = new Date(this.now.getTime() + days * DAY_MS);
  }

  /** Killed and started again: nothing is remembered. */
  restart(): void {
    this.#hold = new Hold();
  }
}

function printStep({ step }: Extract<CertificateReport, { kind: 'done' }>): string {
  return 'cause' in step ? `${step.kind}:${step.cause}` : step.kind;
}

/** What a client that trusts `bundle` thinks of the stored pair at `now`, name by name; the first that is wrong. */
export function inspectServing(
  serving: Readonly<Record<string, string>> | undefined,
  bundle: string | undefined,
  now: Date,
): Inspection {
  const pair = { certificate: serving?.['tls.crt'] ?? '', key: serving?.['tls.key'] ?? '', ca: bundle ?? '' };
  const inspections = SERVING_NAMES.map((name) => inspectPair({ ...pair, name }, now));
  return inspections.find(({ kind }) => kind === 'invalid') ?? (inspections[0] as Inspection);
}
