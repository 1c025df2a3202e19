import type { Endpoint } from '../../../src/admission/settings.ts';
import type { Verdict } from '../../../src/admission/verdict.ts';
import type { Health } from '../../../src/credentials/health.ts';
import { METRICS } from '../../../src/telemetry/table.ts';

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

const UNHEALTHY: Readonly<Record<Exclude<Health, 'fresh'>, true>> = { 'never-written': true, stale: true };

/** Labels whose values are few: what a query may ask for. The compiler tells when the program has others. */
export const LABEL_VALUES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['outcome', Object.keys(OUTCOMES)],
  ['endpoint', Object.keys(ENDPOINTS)],
  ['certificate', METRICS.certificateExpiry.values.certificate],
  ['state', [...Object.keys(UNHEALTHY), ...METRICS.credentials.values.state]],
]);
