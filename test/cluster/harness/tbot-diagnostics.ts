import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The diagnostics of a tbot, as lib/tbot/readyz in Teleport 18 has them. */
export interface TbotDiagnostics {
  readonly url: string;
  /** What it says of a service from now on. */
  report(service: string, status: ServiceStatus['status'], reason?: string): void;
  close(): void;
}

interface ServiceStatus {
  readonly status: 'initializing' | 'healthy' | 'unhealthy';
  readonly reason?: string | undefined;
  readonly updated_at: string;
}

export async function serveDiagnostics(): Promise<TbotDiagnostics> {
  const services = new Map<string, ServiceStatus>();
  const server = createServer((request, response) => {
    if (request.url !== '/readyz') {
      response.writeHead(404).end("404 - Not Found\n\nI'm a little tbot");
      return;
    }
    const status = [...services.values()].every((each) => each.status === 'healthy')
      ? 'healthy'
      : 'unhealthy';
    response.writeHead(status === 'healthy' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status, services: Object.fromEntries(services) }, undefined, 2));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report: (service, status, reason) => {
      services.set(service, { status, reason, updated_at: new Date().toISOString() });
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
