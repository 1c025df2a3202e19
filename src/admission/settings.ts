import type { Config } from '../config/schema.ts';
import type { HealthSettings } from '../health/app.ts';
import type { AllowedClients } from './client-auth.ts';
import type { DrainTimes } from './drain.ts';
import type { WebhookObserver } from './observer.ts';
import type { ServingCertificateOptions } from './serving-certificate.ts';
import type { CredentialSource, NamespaceSource } from './sources.ts';

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
