import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

/** A valid configuration with these bots and injection settings. */
export function platform(bots: Readonly<Record<string, unknown>>, injection: unknown = {}): Config {
  const teleport = { clusterName: 'e', proxyServer: 'e:443' };
  const loaded = loadConfig(JSON.stringify({ teleport, tbot: { version: '18.8.1' }, bots, injection }));
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** A bot with these outputs, granted to these namespaces. */
export function bot(namespaces: unknown, outputs: unknown): unknown {
  return { join: { method: 'kubernetes', token: 't' }, namespaces, outputs };
}
