import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { RequestListener, Server as PlainServer } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { KeyPair } from '../certificates/key-pair.ts';
import type { AllowedClients } from './client-auth.ts';
import { fault, faultAnswer, type Fault } from './faults.ts';
import type { Endpoint } from './settings.ts';
import type { ReviewRoute } from './route.ts';

/**
 * The API server keeps idle connections for about 90 s, and does not repeat a POST on one that we close meanwhile: so we
 * keep them longer. It opens some connections in advance, and node counts the times of a first request from then on: so
 * these times are as long. Slow bodies are cut off in body.ts.
 */
export const SERVER_TIMES = {
  keepAliveTimeout: 150_000,
  headersTimeout: 150_000,
  requestTimeout: 150_000,
  connectionsCheckingInterval: 1_000,
  // A client shakes hands as soon as it is connected.
  handshakeTimeout: 10_000,
};

export type ServerTimes = Readonly<typeof SERVER_TIMES>;

const HOT_PATHS: ReadonlyMap<string | undefined, Endpoint> = new Map([
  ['/mutate', 'mutate'],
  ['/check', 'check'],
]);

/** Reviews go straight to their route; express answers the rest. */
export function createAdmissionListener(route: ReviewRoute): RequestListener {
  const app = createAdmissionApp();
  return (request, response) => {
    // The API server appends ?timeout=5s.
    const endpoint = HOT_PATHS.get(request.url?.split('?', 1)[0]);
    if (endpoint === undefined) app(request, response);
    else route(endpoint, request, response);
  };
}

export interface TlsSettings {
  readonly pair: KeyPair;
  /** Asks senders for a certificate; the route checks it. */
  readonly clients: AllowedClients | undefined;
}

/** The HTTPS server for reviews. */
export function createAdmissionServer(
  tls: TlsSettings,
  listener: RequestListener,
  times: ServerTimes = SERVER_TIMES,
): Server {
  const asking = { requestCert: tls.clients !== undefined, rejectUnauthorized: false };
  return createTlsServer({ ...secureContext(tls), ...asking, ...times }, listener);
}

/** Also for `server.setSecureContext`: new connections get it, open ones keep theirs. */
export function secureContext({ pair, clients }: TlsSettings): SecureContextOptions {
  const ca = clients === undefined ? {} : { ca: clients.ca };
  return { cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2', ...ca };
}

/** Listens; rejects where the port is taken. Port 0: any free one. */
export function listen(server: PlainServer, port: number, host: string | undefined): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Answers every path but those of reviews. */
function createAdmissionApp(): Express {
  return express().disable('x-powered-by').disable('etag').use(notFound).use(internalError);
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
