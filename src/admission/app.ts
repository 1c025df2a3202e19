import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { fault, faultAnswer, type Fault } from './faults.ts';

/** What readiness depends on; each is named in the answer. */
export type ReadinessChecks = Readonly<Record<string, () => boolean>>;

export interface HealthSettings {
  readonly checks: ReadinessChecks;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Behind TLS, around the review routes: a plain word for everything else. */
export function createAdmissionApp(): Express {
  return finish(bareApp());
}

/** The plain one: `/healthz`: the event loop turns; `/readyz`: every check holds; `/metrics`: for Prometheus. */
export function createHealthApp({ checks, metrics }: HealthSettings): Express {
  const app = bareApp();
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
  return finish(app);
}

function bareApp(): Express {
  return express().disable('x-powered-by').disable('etag');
}

function finish(app: Express): Express {
  return app.use(notFound).use(internalError);
}

const notFound: RequestHandler = (request, response) => {
  send(fault('not-found', `${request.method} ${request.path}`), response);
};

/** Express's own handler would print the stack. It knows an error handler by its four parameters. */
const internalError: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next(_error);
  else send(fault('internal', 'an unforeseen error'), response);
};

function send(it: Fault, response: Parameters<RequestHandler>[1]): void {
  const { status, body } = faultAnswer(it);
  response.status(status).type('json').send(body);
}
