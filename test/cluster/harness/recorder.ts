import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { createAuthority, createLeaf } from './credentials.ts';

/** A webhook that allows everything and records its requests: proof of what the API server sends. */
export interface Recorder {
  readonly url: string;
  readonly caBundle: string;
  /** The requests since the last call, as `/mutate CREATE Pod`. */
  takeRequests(): string[];
  stop(): Promise<void>;
}

interface Review {
  request: { uid: string; operation: string; kind: { kind: string } };
}

export async function startRecorder(): Promise<Recorder> {
  const authority = await createAuthority('recorder-ca');
  const { certificate, key } = await createLeaf(authority, {
    commonName: 'recorder',
    addresses: ['127.0.0.1'],
  });
  let requests: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    json(request).then(
      (review) => {
        const { uid, operation, kind } = (review as Review).request;
        // The API server adds `?timeout=5s` to the path that it was given.
        const path = request.url?.split('?')[0] ?? '';
        requests.push(`${path} ${operation} ${kind.kind}`);
        response.setHeader('content-type', 'application/json');
        const answer = { uid, allowed: true, warnings: [`seen by ${path}`] };
        response.end(
          JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
        );
      },
      () => response.writeHead(400).end(),
    );
  });
  // Longer than the API server keeps an idle connection, so that Node never closes one under a request.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    caBundle: authority.certificate,
    takeRequests: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
