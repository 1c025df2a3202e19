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
