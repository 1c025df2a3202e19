import type { Config } from '../config/schema.ts';
import { createHealthApp, type HealthSettings } from './app.ts';
import { drain, type DrainTimes } from './drain.ts';
import { createJudge } from './judge.ts';
import type { NamespaceSource } from './namespaces.ts';
import { createReviewRoute, type AdmissionObserver, type RouteSettings } from './route.ts';
import {
  createAdmissionListener,
  createAdmissionServer,
  createHealthServer,
  listen,
  type ServingCertificate,
} from './server.ts';

export interface WebhookSettings extends RouteSettings {
  readonly config: Config;
  readonly namespaces: NamespaceSource;
  readonly serving: ServingCertificate;
  readonly observer: AdmissionObserver;
  /** What readiness depends on beside the life of the server itself. */
  readonly health: HealthSettings;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly healthPort: number;
  readonly drain: DrainTimes;
}

export interface RunningWebhook {
  readonly port: number;
  readonly healthPort: number;
  /** Turns not ready, serves until it is quiet, then closes. */
  stop(): Promise<void>;
}

/** Serves reviews over TLS and probes and metrics over plain HTTP. Rejects where a port cannot be had. */
export async function startWebhook(settings: WebhookSettings): Promise<RunningWebhook> {
  let serving = true;
  const judge = createJudge(settings.config, settings.namespaces);
  const route = createReviewRoute(judge, settings.observer, settings);
  const admission = createAdmissionServer(settings.serving, createAdmissionListener(route));
  const checks = { serving: () => serving, ...settings.health.checks };
  const health = createHealthServer(createHealthApp({ ...settings.health, checks }));
  const { port } = await listen(admission, settings.port, settings.host);
  try {
    const { port: healthPort } = await listen(health, settings.healthPort, settings.host);
    const stop = async (): Promise<void> => {
      serving = false;
      await drain(admission, settings.drain);
      health.close();
      health.closeAllConnections();
    };
    return { port, healthPort, stop };
  } catch (error) {
    admission.close();
    throw error;
  }
}
