import type { Config } from '../../src/config/schema.ts';
import { readWorkload, type RestartableWorkload } from '../../src/restarts/workload.ts';
import { bot, platform } from '../grants/platform.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const HOUR = 3_600_000;

const IDENTITY = { tbot: { type: 'identity' } };
const granted = (outputs: readonly string[], tbot: object): unknown => ({
  ...(bot(
    { names: ['team', 'greedy'] },
    Object.fromEntries(outputs.map((name) => [name, IDENTITY])),
  ) as object),
  tbot,
});

/** Bots with different lifetimes; `own` has one output with its own lifetime. */
export const BOTS: Config['bots'] = platform({
  day: granted(['one', 'two'], { credential_ttl: '24h', renewal_interval: '1h' }),
  hour: granted(['three', 'four'], {}),
  slow: granted(['five'], { credential_ttl: '24h', renewal_interval: '13h' }),
  own: bot(
    { names: ['team'] },
    { six: { tbot: { type: 'identity', credential_ttl: '21h', renewal_interval: '30m' } }, seven: IDENTITY },
  ),
}).bots;

export const GRANTED: ReadonlyMap<string, unknown> = new Map(
  ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map((name) => [name, name]),
);

/** A Deployment as the API server has it. */
export function deployment(changes: { metadata?: object; spec?: object; pods?: object } = {}): object {
  const { metadata = {}, spec = {}, pods = { 'tbot-injector.io/outputs': 'one' } } = changes;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'app',
      namespace: 'team',
      uid: 'uid-1',
      resourceVersion: '7',
      creationTimestamp: '2026-11-20T12:00:00Z',
      annotations: { 'tbot-injector.io/restart-every': '20h' },
      ...metadata,
    },
    spec: { template: { metadata: { annotations: pods } }, ...spec },
  };
}

/** Changes for {@link deployment} that ask for restarts at this interval. */
export function withInterval(every: unknown): { metadata: object } {
  return { metadata: { annotations: { 'tbot-injector.io/restart-every': every } } };
}

/** A workload that asks for restarts, with these changes. */
export function workload(
  changes: Partial<RestartableWorkload> & { pods?: object } = {},
): RestartableWorkload {
  const { pods, ...rest } = changes;
  const read = readWorkload(deployment(pods === undefined ? {} : { pods }), 'Deployment');
  if (read === undefined) throw new Error('the Deployment does not ask for restarts');
  return { ...read, ...rest };
}
