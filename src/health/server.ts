import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';

/** What readiness depends on; the answer names each check. */
export type ReadinessChecks = Readonly<Record<string, () => boolean>>;

export interface HealthSettings {
  readonly checks: ReadinessChecks;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** `/healthz`: the event loop runs; `/readyz`: every check holds; `/metrics`: for Prometheus. */
export function createHealthApp({ checks, metrics }: HealthSettings): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', (_request, response) => {
    const results = Object.entries(checks).map(([name, holds]) => [name, holds()] as const);
    const ready = results.every(([, holds]) => holds);
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) });
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, body } = await metrics();
    response.setHeader('Content-Type', contentType);
    response.end(body);
  });
  return app.use(notFound).use(internalError);
}

const notFound: RequestHandler = (_request, response) => {
  response.status(404).json({ status: 'not found', expected: 'GET /healthz, /readyz or /metrics' });
};

/** Express's own handler would print the stack. It knows an error handler by its four parameters. */
const internalError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(500).json({ status: 'error' });
};

export interface HealthServer {
  readonly port: number;
  close(): void;
}

/** Longer than the time between two scrapes: Prometheus keeps its connection. */
const TIMES = { keepAliveTimeout: 120_000, headersTimeout: 10_000, requestTimeout: 10_000 };

/**
 * Serves probes and metrics over plain HTTP; rejects where the port cannot be had.
 * @param port 0: any free one
 * @param host undefined: every address
 */
export function startHealthServer(
  settings: HealthSettings,
  port: number,
  host: string | undefined,
): Promise<HealthServer> {
  const server = createServer(TIMES, createHealthApp(settings));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}
