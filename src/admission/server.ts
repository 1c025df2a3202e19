import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdmissionApp } from './app.ts';
import type { Endpoint, ReviewRoute } from './route.ts';

/**
 * Connections: the API server keeps idle ones for about 90 s and does not repeat a POST on one that we close
 * meanwhile, so we keep them longer. Requests have to arrive whole within 10 s; node answers 408 to slower ones.
 */
export const SERVER_TIMES = {
  keepAliveTimeout: 150_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

export type ServerTimes = Readonly<typeof SERVER_TIMES>;

const HOT_PATHS: ReadonlyMap<string | undefined, Endpoint> = new Map([
  ['/mutate', 'mutate'],
  ['/check', 'check'],
]);

/** PEM texts. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Reviews go straight to their route; express, three times slower, answers the rest. */
export function createAdmissionListener(route: ReviewRoute): RequestListener {
  const app = createAdmissionApp();
  return (request, response) => {
    // The API server appends ?timeout=5s.
    const endpoint = HOT_PATHS.get(request.url?.split('?', 1)[0]);
    if (endpoint === undefined) app(request, response);
    else route(endpoint, request, response);
  };
}

/** The HTTPS server for reviews. */
export function createAdmissionServer(
  serving: ServingCertificate,
  listener: RequestListener,
  times: ServerTimes = SERVER_TIMES,
): Server {
  return createTlsServer(
    { cert: serving.certificate, key: serving.key, minVersion: 'TLSv1.2', ...times },
    listener,
  );
}

/** The plain HTTP server for probes and metrics. */
export function createHealthServer(app: RequestListener): Server {
  return createPlainServer(SERVER_TIMES, app);
}

/** Listens; rejects where the port is taken. Port 0: any free one. */
export function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
