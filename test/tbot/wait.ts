import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from './fault.ts';
import type { Flags } from './flags.ts';

const BETWEEN_MS = 200;

/** `tbot wait`: until the bot, or one of its services, is healthy. Throws when the time is over. */
export async function waitUntilHealthy({ diagAddr = '', service, timeoutMs }: Flags): Promise<void> {
  const url = `http://${diagAddr}/wait${service === undefined ? '' : `/${encodeURIComponent(service)}`}`;
  const until = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  do {
    const signal = AbortSignal.timeout(Math.ceil(Math.min(30_000, until - performance.now())));
    const answer = await fetch(url, { signal }).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(BETWEEN_MS);
  } while (performance.now() < until);
  throw new Fault(`timed out waiting for ${service ?? 'all services'}`);
}
