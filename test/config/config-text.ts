import { loadConfig } from '../../src/config/load.ts';
import { printProblem } from '../../src/problems/problem.ts';

/** A valid configuration, for tests that change one field. */
const VALID = {
  teleport: { clusterName: 'example.teleport.sh', proxyServer: 'example.teleport.sh:443' },
  tbot: { version: '18.8.1' },
  bots: {
    a: {
      join: { method: 'kubernetes', token: 'a-bot' },
      namespaces: { names: ['team-a'] },
      tbot: { credential_ttl: '1h' },
      shards: 1,
      outputs: {
        one: {
          secretName: 'one',
          mountPath: '/one',
          requiredKeys: ['identity'],
          defaultMode: 0o400,
          env: true,
          tbot: { type: 'identity' },
        },
      },
    },
  },
  injection: {
    mountRoot: '/var/run/teleport',
    joinTokenExpirationSeconds: 600,
    onMissingCredential: 'warn',
    ignoreContainers: ['istio-proxy'],
  },
  telemetry: { countByNamespace: false },
};

/** The text of the configuration with other values at some paths, such as `bots.a.shards`; undefined removes the field. */
export function configText(changes: Readonly<Record<string, unknown>> = {}): string {
  const config: unknown = structuredClone(VALID);
  for (const [path, value] of Object.entries(changes)) set(config, path.split('.'), value);
  return JSON.stringify(config);
}

function set(owner: unknown, [step = '', ...rest]: readonly string[], value: unknown): void {
  const map = owner as Record<string, unknown>;
  if (rest.length === 0) map[step] = value;
  else set((map[step] ??= {}), rest, value);
}

export function problemsOf(text: string): string[] {
  const loaded = loadConfig(text);
  return loaded.kind === 'valid' ? [] : loaded.problems.map(printProblem);
}

export function warningsOf(text: string): string[] {
  return loadConfig(text).warnings.map(printProblem);
}
