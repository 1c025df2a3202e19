import { ROTATION } from '../../../src/certificates/renewal.ts';
import { inspectPair } from '../../../src/certificates/inspect.ts';
import type { Inspection } from '../../../src/certificates/validity.ts';
import { Hold, rotate, type CertificateReport } from '../../../src/controller/certificates/rotate.ts';
import type { CertificateStore } from '../../../src/controller/certificates/certificate-store.ts';

export const SERVING_NAMES = ['hook', 'hook.tbot-system', 'hook.tbot-system.svc', '127.0.0.1'] as const;
const DAY_MS = 86_400_000;

/** Rotates the certificates of a store, at a time that the test sets. */
export class TestRotation {
  now: Date;
  elapsedMs = 0;
  readonly #store: CertificateStore;
  #hold = new Hold();

  constructor(store: CertificateStore, now: Date) {
    this.#store = store;
    this.now = now;
  }

  /** Rotates once and returns the steps, as `store-authority:no-ca publish issue:no-leaf rest`. */
  async rotate(): Promise<string> {
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

  /** Advances both clocks. */
  wait(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
    this.elapsedMs += ms;
  }

  waitDays(days: number): void {
    this.wait(days * DAY_MS);
  }

  /** Waits for as long as a published bundle has to be held. */
  settle(): void {
    this.wait(ROTATION.settleMs);
  }

  /** Sets the wall clock alone. */
  jumpDays(days: number): void {
    this.now = new Date(this.now.getTime() + days * DAY_MS);
  }

  /** As after a kill and a new start: nothing is remembered. */
  restart(): void {
    this.#hold = new Hold();
  }
}

function printStep({ step }: Extract<CertificateReport, { kind: 'done' }>): string {
  return 'cause' in step ? `${step.kind}:${step.cause}` : step.kind;
}

/** Inspects the stored pair at `now` for a client that trusts `bundle`; the first name that is wrong decides. */
export function inspectServing(
  serving: Readonly<Record<string, string>> | undefined,
  bundle: string | undefined,
  now: Date,
): Inspection {
  const pair = { certificate: serving?.['tls.crt'] ?? '', key: serving?.['tls.key'] ?? '', ca: bundle ?? '' };
  const inspections = SERVING_NAMES.map((name) => inspectPair({ ...pair, name }, now));
  return inspections.find(({ kind }) => kind === 'invalid') ?? (inspections[0] as Inspection);
}
