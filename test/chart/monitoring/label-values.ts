import type { Endpoint } from '../../../src/admission/observer.ts';
import type { Verdict } from '../../../src/admission/verdict.ts';
import type { Health } from '../../../src/credentials/health.ts';
import type { CertificateKind, ControllerMetrics } from '../../../src/telemetry/controller-metrics.ts';

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

type Listing = keyof Parameters<ControllerMetrics['recordCredentials']>[1];

const STATES: Readonly<Record<Exclude<Health, 'fresh'> | Listing, true>> = {
  'never-written': true,
  stale: true,
  listed: true,
  waiting: true,
  blocked: true,
};

/** Labels whose values are few: what a query may ask for. The compiler tells when the program has others. */
export const LABEL_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['outcome', Object.keys(OUTCOMES)],
  ['endpoint', Object.keys(ENDPOINTS)],
  ['certificate', Object.keys(CERTIFICATES)],
  ['state', Object.keys(STATES)],
]);
