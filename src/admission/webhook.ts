import type { Server } from 'node:https';
import type { KeyPair } from '../certificates/key-pair.ts';
import { isValid, type Valid } from '../certificates/validity.ts';
import type { Config } from '../config/schema.ts';
import type { HealthSettings } from '../health/app.ts';
import { startHealthServer } from '../health/server.ts';
import { Connections } from './connections.ts';
import { drain, type DrainTimes } from './drain.ts';
import { createJudge, type CredentialSource } from './judge.ts';
import type { NamespaceSource } from './namespaces.ts';
import { createReviewRoute, type AdmissionObserver, type RouteSettings } from './route.ts';
import { createAdmissionListener, createAdmissionServer, listen, secureContext } from './server.ts';
import {
  followServingCertificate,
  type ServingCertificateFault,
  type ServingCertificateOptions,
} from './serving-certificate.ts';

export interface WebhookSettings extends RouteSettings {
  readonly config: Config;
  readonly namespaces: NamespaceSource;
  /** Without: nothing is known of credentials. */
  readonly credentials?: CredentialSource | undefined;
  /** The serving certificate; a new one is served without a restart. */
  readonly files: ServingCertificateOptions['files'];
  readonly observer: WebhookObserver;
  /** What readiness depends on beside the life of the server itself. */
  readonly health: HealthSettings;
  /** undefined: every address, of both families where the machine has them. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
  readonly healthPort: number;
  readonly drain: DrainTimes;
}

export interface WebhookObserver extends AdmissionObserver {
  /** This certificate is served from now on. */
  readonly certificate: (inspection: Valid) => void;
  /** The files cannot be served; the pair before them still is. */
  readonly certificateFault: (fault: ServingCertificateFault) => void;
}

export interface RunningWebhook {
  readonly healthPort: number;
  /** The port for reviews, once there is a certificate to serve with; undefined where `stop` came first. */
  readonly listening: Promise<number | undefined>;
  /** Turns not ready, serves until it is quiet, then closes. */
  stop(): Promise<void>;
}

/** Short, so that a rotation is seen within a second. The files are small. */
const READ_EVERY_MS = 500;

/**
 * Serves probes and metrics at once, and reviews over TLS from the moment that there is a sound certificate.
 * Rejects where the plain port cannot be had, and `listening` where the other one cannot.
 */
export async function startWebhook(settings: WebhookSettings): Promise<RunningWebhook> {
  const stopping = new AbortController();
  let admission: Server | undefined;
  let connections: Connections | undefined;
  let validity: Valid | undefined;
  const first = Promise.withResolvers<KeyPair | undefined>();
  stopping.signal.addEventListener('abort', () => {
    first.resolve(undefined);
  });

  const checks = {
    serving: () => admission?.listening === true && !stopping.signal.aborted,
    certificate: () => validity !== undefined && isValid(validity, new Date()),
    ...settings.health.checks,
  };
  const health = await startHealthServer({ ...settings.health, checks }, settings.healthPort, settings.host);

  const following = followServingCertificate({
    files: settings.files,
    everyMs: READ_EVERY_MS,
    now: () => new Date(),
    onValid: (pair, inspection) => {
      admission?.setSecureContext(secureContext({ pair, clients: settings.clients }));
      validity = inspection;
      first.resolve(pair);
      settings.observer.certificate(inspection);
    },
    onInvalid: settings.observer.certificateFault,
    stop: stopping.signal,
  });

  const serve = async (): Promise<number | undefined> => {
    const pair = await first.promise;
    if (pair === undefined) return undefined;
    const route = createReviewRoute(
      createJudge(settings.config, settings.namespaces, settings.credentials),
      settings.observer,
      settings,
    );
    admission = createAdmissionServer({ pair, clients: settings.clients }, createAdmissionListener(route));
    connections = new Connections(admission);
    return (await listen(admission, settings.port, settings.host)).port;
  };

  const listening = serve();
  return {
    healthPort: health.port,
    listening,
    stop: async () => {
      stopping.abort();
      // It may be about to listen.
      await listening.catch(() => undefined);
      if (admission?.listening === true && connections !== undefined) {
        await drain(admission, connections, settings.drain);
      }
      await following;
      health.close();
    },
  };
}
