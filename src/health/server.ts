import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHealthApp, type HealthSettings } from './app.ts';

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
