import type { Valid } from '../certificates/validity.ts';
import type { ServingCertificateFault } from './serving-certificate.ts';

export type Endpoint = 'mutate' | 'check';

/** The report of a review: of the pod no more than its name. */
export interface AdmissionRecord {
  readonly endpoint: Endpoint;
  /** The verdict's kind, or `fault`. */
  readonly outcome: string;
  readonly reason: string;
  readonly seconds: number;
  readonly uid?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly outputs?: readonly string[];
  readonly error?: unknown;
}

export interface AdmissionObserver {
  started(): void;
  /** Called once for every `started`, also where the client went away. */
  finished(record: AdmissionRecord): void;
}

export interface WebhookObserver extends AdmissionObserver {
  /** A pair is served from now on. */
  readonly certificate: (inspection: Valid) => void;
  /** The pair in the files cannot be served; the pair before it still is. */
  readonly certificateFault: (fault: ServingCertificateFault) => void;
}
