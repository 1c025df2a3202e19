import type { Endpoint } from '../../../src/admission/route.ts';
import type { Verdict } from '../../../src/admission/verdict.ts';
import type { CertificateKind } from '../../../src/telemetry/controller-metrics.ts';

const OUTCOMES: Readonly<Record<Verdict['kind'] | 'fault', true>> = {
  unchanged: true,
  injected: true,
  checked: true,
  refused: true,
  misdirected: true,
  unavailable: true,
  fault: true,
};

const ENDPOINTS: Readonly<Record<Endpoint, true>> = { mutate: true, check: true };

const CERTIFICATES: Readonly<Record<CertificateKind, true>> = { ca: true, serving: true };

/** Labels whose values are few: what a query may ask for. The compiler tells when the program has others. */
export const LABEL_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['outcome', Object.keys(OUTCOMES)],
  ['endpoint', Object.keys(ENDPOINTS)],
  ['certificate', Object.keys(CERTIFICATES)],
]);
