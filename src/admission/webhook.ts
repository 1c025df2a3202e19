import type { Server } from 'node:https';
import type { KeyPair } from '../certificates/key-pair.ts';
import { isValid, type Valid } from '../certificates/validity.ts';
import { startHealthServer } from '../health/server.ts';
import { Connections, drain } from './connections.ts';
import { createDecider } from './decider.ts';
import { createReviewRoute } from './route.ts';
import { createAdmissionListener, createAdmissionServer, listen, secureContext } from './server.ts';
import { followServingCertificate } from './serving-certificate.ts';
import type { WebhookSettings } from './settings.ts';

export interface RunningWebhook {
  readonly healthPort: number;
  /** The port for reviews, once there is a certificate to serve with; undefined where `stop` came first. */
  readonly listening: Promise<number | undefined>;
  /** Turns not ready, serves until it is quiet, then closes. */
  stop(): Promise<void>;
}

/** A new certificate is found within a second; the files are small. */
const READ_EVERY_MS = 500;

/**
 * Serves probes and metrics at once, and reviews over TLS as soon as there is a valid certificate. Rejects where the
 * health port cannot be had; `listening` rejects where the port for reviews cannot.
 */
export async function startWebhook(settings: WebhookSettings): Promise<RunningWebhook> {
  const stopping = new AbortController();
  let admission: Server | undefined;
  let connections: Connections | undefined;
  let validity: Valid | undefined;
  const firstPair = Promise.withResolvers<KeyPair | undefined>();
  stopping.signal.addEventListener('abort', () => {
    firstPair.resolve(undefined);
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
      firstPair.resolve(pair);
      settings.observer.certificate(inspection);
    },
    onInvalid: settings.observer.certificateFault,
    stop: stopping.signal,
  });

  const serve = async (): Promise<number | undefined> => {
    const pair = await firstPair.promise;
    if (pair === undefined) return undefined;
    const route = createReviewRoute({ ...settings, decide: createDecider(settings) });
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
