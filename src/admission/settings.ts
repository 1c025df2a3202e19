import type { Valid } from '../certificates/validity.ts';
import type { Config } from '../config/schema.ts';
import type { NamespaceFacts } from '../grants/grants.ts';
import type { HealthSettings } from '../health/server.ts';
import type { AllowedClients } from './client-auth.ts';
import type { DrainTimes } from './connections.ts';
import type { ServingCertificateOptions, ServingCertificateFault } from './serving-certificate.ts';

/** All that a running webhook is given. Each part of it takes the fields that it needs. */
export interface WebhookSettings {
  readonly config: Config;
  readonly namespaces: NamespaceSource;
  /** undefined: nothing is known of credentials. */
  readonly credentials?: CredentialSource | undefined;
  readonly observer: WebhookObserver;
  /** Metrics, and what readiness depends on beside the server and its certificate. */
  readonly health: HealthSettings;
  /** The serving pair, followed as it is exchanged. */
  readonly files: ServingCertificateOptions['files'];
  /** undefined: every client that reaches the port may send reviews. */
  readonly clients: AllowedClients | undefined;
  /** Reviews handled at the same time; the next is answered 429. */
  readonly maxInFlight: number;
  /** Bytes of all bodies together, beside the first 64 KiB of each; more is answered 429. */
  readonly maxBodyBytes: number;
  /** undefined: every address, of both families where the machine has them. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
  readonly healthPort: number;
  readonly drain: DrainTimes;
}

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

/** The answer of the API server about one Namespace. */
export type NamespaceRead =
  | { readonly kind: 'found'; readonly namespace: NamespaceFacts }
  | { readonly kind: 'absent' }
  /** The API server could not be asked. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Where admission learns of Namespaces. */
export interface NamespaceSource {
  /** What the cache holds; undefined where it does not know the namespace. */
  cached(name: string): NamespaceFacts | undefined;
  /** Asks the API server. Never rejects. */
  read(name: string): Promise<NamespaceRead>;
}

/** Where admission learns of credentials. */
export interface CredentialSource {
  /** Outputs that were never written in a namespace, as far as is known. */
  unwritten(namespace: string): ReadonlySet<string>;
}

/** Gives these labels to every namespace: for a webhook without a cluster. */
export function fixedNamespaces(labels: Readonly<Record<string, string>>): NamespaceSource {
  const facts = (name: string): NamespaceFacts => ({ name, labels });
  return {
    cached: facts,
    read: (name) => Promise.resolve({ kind: 'found', namespace: facts(name) }),
  };
}
