import { beforeEach, describe, expect, it } from 'vitest';
import { createDesiredState } from '../../../src/credentials/desired-state.ts';
import type { TbotReadiness, ServiceStatus } from '../../../src/credentials/readiness.ts';
import { serviceName } from '../../../src/teleport/tbot-config.ts';
import type { KubernetesEvent } from '../../../src/controller/runtime/event-recorder.ts';
import { CredentialStatusCheck } from '../../../src/controller/status/credential-status-check.ts';
import { leaderClient } from '../../../src/kubernetes/leader-client.ts';
import { secret } from '../../credentials/objects.ts';
import { bot, platform } from '../../grants/platform.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { RecordingClient, type Call } from '../recording-client.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const ALL = { all: true, acceptClusterWide: true };
const ENABLED = { 'tbot-injector.io/injection': 'enabled' };
const FAILS: ServiceStatus = { kind: 'unhealthy', reason: 'denied' };

/** Each has one credential of bot `a`. */
let written: Map<string, number | undefined>;
/** The status that tbot reports for each; undefined: tbot cannot be asked. */
let statuses: Map<string, ServiceStatus> | undefined;
let events: KubernetesEvent[];
let counts: unknown[];
/** A bot whose objects were not all seen. */
let unseen: string | undefined;
let client: RecordingClient;
let leads: boolean;

beforeEach(() => {
  written = new Map([['team', NOW.getTime() - MINUTE]]);
  statuses = new Map();
  events = [];
  counts = [];
  unseen = undefined;
  client = new RecordingClient();
  leads = true;
});

function createCheck(shards = 1, output: object = {}): CredentialStatusCheck {
  const one = { tbot: { type: 'identity', ...output } };
  const config = platform({ a: { ...(bot(ALL, { one }) as object), shards } });
  return new CredentialStatusCheck({
    client: leaderClient(client, { signal: new AbortController().signal, holds: () => leads }),
    config,
    namespace: 'tbot-system',
    name: 'status',
    cluster: {
      namespaces: () => [...written.keys()].map((name) => ({ name, labels: ENABLED, isTerminating: false })),
      sees: (name) => name !== unseen,
      observed: (namespace) => {
        const own = secret({ namespace, uid: `uid of ${namespace}`, writtenAt: written.get(namespace) });
        return { secrets: new Map([[own.name, own]]), bindings: new Map() };
      },
    },
    desiredStateOf: createDesiredState(config),
    events: {
      record: (note) => {
        events.push(note);
        return Promise.resolve();
      },
    },
    readinessOf: () => readiness(),
    metrics: recordingMetrics((key, count, { bot: of, shard, state }) => {
      if (key === 'failingCredentials') counts.push({ shard, failing: count });
      else if (state === 'stale') Object.assign(counts.at(-1) as object, { stale: count });
      else counts.push({ of, [String(state)]: count });
    }),
  });
}

function readiness(): TbotReadiness | undefined {
  const byService = [...(statuses ?? [])].map(
    ([namespace, status]) => [serviceName({ namespace, output: 'one' }), status] as const,
  );
  return statuses && { askedAt: NOW.getTime(), statuses: new Map(byService) };
}

function reasons(): readonly string[] {
  return events.map(({ reason, regarding }) => `${reason} ${regarding.namespace}/${regarding.name}`);
}

function patches(): readonly Call[] {
  return client.calls.filter(({ method }) => method === 'PATCH');
}

describe('a credential', () => {
  it('that tbot cannot renew gets an Event on its Secret, and is counted', async () => {
    statuses?.set('team', FAILS);
    await createCheck().check(NOW);
    expect(reasons()).toEqual(['CredentialFailing team/tbot-one']);
    expect(events[0]).toMatchObject({ type: 'Warning', regarding: { kind: 'Secret', uid: 'uid of team' } });
    expect(counts).toEqual([
      { of: 'a', 'never-written': 0, stale: 0 },
      { shard: 0, failing: 1 },
    ]);
  });

  it('gets one Event for each change', async () => {
    statuses?.set('team', FAILS);
    const check = createCheck();
    await check.check(NOW);
    await check.check(NOW);
    statuses?.set('team', { kind: 'healthy' });
    await check.check(NOW);
    await check.check(NOW);
    expect(reasons()).toEqual(['CredentialFailing team/tbot-one', 'CredentialReady team/tbot-one']);
  });

  it('is judged by its Secret alone if tbot cannot be asked', async () => {
    written = new Map([
      ['team', NOW.getTime() - 46 * MINUTE],
      ['other', undefined],
    ]);
    statuses = undefined;
    await createCheck().check(NOW);
    expect(reasons()).toEqual(['CredentialStale team/tbot-one']);
    expect(counts).toEqual([
      { of: 'a', 'never-written': 1, stale: 1 },
      { shard: 0, failing: undefined },
    ]);
  });

  it('has the lifetime of its own output', async () => {
    written.set('team', NOW.getTime() - 10 * 60 * MINUTE);
    await createCheck(1, { credential_ttl: '24h', renewal_interval: '8h' }).check(NOW);
    expect(reasons()).toEqual([]);
  });

  it('of a bot that the cache has not seen is not reported', async () => {
    written.set('other', undefined);
    unseen = 'a';
    await createCheck().check(NOW);
    expect(reasons()).toEqual([]);
    expect(patches()[0]?.body).toMatchObject({ data: { 'status.json': '{"neverWritten":{},"stale":{}}' } });
  });

  it('is counted in its own shard', async () => {
    written = new Map(Array.from({ length: 20 }, (_, index) => [`team-${index}`, undefined]));
    statuses = new Map([...written.keys()].map((name) => [name, FAILS]));
    await createCheck(2).check(NOW);
    const failing = counts.flatMap((each) => (each as { failing?: number }).failing ?? []);
    expect(failing).toHaveLength(2);
    expect(failing.every((count) => count > 0)).toBe(true);
    expect(failing.reduce((sum, count) => sum + count, 0)).toBe(20);
  });
});

describe('the Events', () => {
  it('are recorded a hundred at a check, and each of them once', async () => {
    written = new Map(Array.from({ length: 250 }, (_, index) => [`team-${index}`, undefined]));
    statuses = new Map([...written.keys()].map((name) => [name, FAILS]));
    const check = createCheck();
    const recorded: number[] = [];
    for (let round = 0; round < 4; round++) {
      await check.check(NOW);
      recorded.push(events.length);
    }
    expect(recorded).toEqual([100, 200, 250, 250]);
    expect(new Set(reasons()).size).toBe(250);
  });

  it('wait for the leadership', async () => {
    statuses?.set('team', FAILS);
    leads = false;
    const check = createCheck();
    await expect(check.check(NOW)).rejects.toThrow('leads no longer');
    expect([events, patches()]).toEqual([[], []]);
    leads = true;
    await check.check(NOW);
    expect(reasons()).toEqual(['CredentialFailing team/tbot-one']);
  });

  it('come after the write of the ConfigMap, which is written when it changes', async () => {
    const check = createCheck();
    await check.check(NOW);
    written.set('team', undefined);
    await check.check(NOW);
    await check.check(NOW);
    const bodies = patches().map(
      ({ body }) => (body as { data: Record<string, string> }).data['status.json'],
    );
    expect(bodies).toEqual([
      '{"neverWritten":{},"stale":{}}',
      '{"neverWritten":{"team":["one"]},"stale":{}}',
    ]);
  });
});

describe('the ConfigMap', () => {
  it('is written when its content has changed, and not otherwise', async () => {
    const check = createCheck();
    await check.check(NOW);
    await check.check(new Date(NOW.getTime() + 5_000));
    expect(patches()).toHaveLength(1);
    written.set('other', undefined);
    await check.check(new Date(NOW.getTime() + 10_000));
    expect(patches()).toHaveLength(2);
  });

  it('is restored within a minute after an edit, and left alone while its content is right', async () => {
    let stored: string | undefined;
    client.answer = ({ method, body }) => {
      if (method === 'PATCH') stored = (body as { data: Record<string, string> }).data['status.json'];
      return { kind: 'ok', body: { data: { 'status.json': stored } } };
    };
    await createCheck().check(NOW);
    const check = createCheck();
    await check.check(NOW);
    expect(patches()).toHaveLength(1);
    stored = '{}';
    await check.check(new Date(NOW.getTime() + 60_000));
    expect(patches()).toHaveLength(2);
    expect(stored).toBe('{"neverWritten":{},"stale":{}}');
  });
});
