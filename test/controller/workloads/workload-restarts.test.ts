import { beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesEvent } from '../../../src/controller/runtime/event-recorder.ts';
import { WorkloadRestarts } from '../../../src/controller/workloads/workload-restarts.ts';
import { createDesiredState } from '../../../src/credentials/desired-state.ts';
import { leaderClient } from '../../../src/kubernetes/leader-client.ts';
import { KubernetesError, type KubernetesErrorCode } from '../../../src/kubernetes/error.ts';
import type { RestartableWorkload } from '../../../src/restarts/workload.ts';
import { secret } from '../../credentials/objects.ts';
import { BOTS, HOUR, NOW, workload } from '../../restarts/objects.ts';
import { platform } from '../../grants/platform.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { recordingLog } from '../recording-log.ts';
import { RecordingClient } from '../recording-client.ts';

const CONFIG = { ...platform({}), bots: BOTS };
const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' };
const SECOND = 1_000;

let client: RecordingClient;
let leads: boolean;
let workloads: RestartableWorkload[];
let labels: Record<string, string>;
let writtenAt: number | undefined;
let notes: KubernetesEvent[];
let counts: number[];
let failed: string[];
let restarts: WorkloadRestarts;

beforeEach(async () => {
  client = new RecordingClient();
  leads = true;
  labels = OPTED_IN;
  writtenAt = NOW;
  notes = [];
  counts = [];
  failed = [];
  workloads = [overdue('app', 30)];
  restarts = new WorkloadRestarts({
    client: leaderClient(client, { signal: new AbortController().signal, holds: () => leads }),
    config: CONFIG,
    workloads: { all: () => workloads },
    cluster: {
      namespace: (name) => (name === 'unknown' ? undefined : { name, labels, isTerminating: false }),
      observed: () => ({ secrets: new Map([['tbot-one', secret({ writtenAt })]]), bindings: new Map() }),
    },
    desiredStateOf: createDesiredState(CONFIG),
    events: {
      record: (note) => {
        notes.push(note);
        return Promise.resolve();
      },
      isNews: () => true,
      end: () => undefined,
    },
    log: recordingLog((event, { name }) => {
      if (event === 'workload not restarted') failed.push(String(name));
    }),
    metrics: recordingMetrics((key, count) => {
      if (key === 'unrestartableWorkloads') counts.push(Number(count));
    }),
  });
  // A new leader waits first: the one before it may just have restarted a workload.
  await restarts.restartNext(new Date(NOW - 30 * SECOND));
  expect(client.calls).toEqual([]);
  [notes, counts] = [[], []];
});

/** A workload whose last restart was `hours` ago. */
function overdue(
  name: string,
  hours: number,
  changes: Partial<RestartableWorkload> = {},
): RestartableWorkload {
  return workload({ name, uid: name, createdAt: 0, restartedAt: NOW - hours * HOUR, ...changes });
}

/** Names of the workloads that a check restarts, `seconds` after now. */
async function check(seconds = 0): Promise<readonly string[]> {
  client.calls.length = 0;
  await restarts.restartNext(new Date(NOW + seconds * SECOND));
  return client.calls.map(({ path }) => path.split('/').at(-1) ?? '');
}

const refuse = (names: readonly string[], code: KubernetesErrorCode): void => {
  client.answer = ({ path }) => {
    if (names.some((name) => path.endsWith(`/${name}`))) throw new KubernetesError(code, `PATCH ${path}: no`);
    return { kind: 'ok', body: {} };
  };
};

describe('a workload that is due', () => {
  it('is restarted as kubectl does it, only if it has not changed since it was read', async () => {
    await check();
    expect(client.calls).toEqual([
      {
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/team/deployments/app',
        options: { signal: expect.any(AbortSignal) as AbortSignal },
        patch: 'merge',
        body: {
          metadata: { resourceVersion: '7' },
          spec: {
            template: {
              metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-22T12:00:00Z' } },
            },
          },
        },
      },
    ]);
    expect(notes).toEqual([
      {
        type: 'Normal',
        reason: 'WorkloadRestarted',
        note: 'restarted after 20h, so that its pods read what outputs one are now',
        regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'team', name: 'app', uid: 'app' },
      },
    ]);
    expect(counts).toEqual([0]);
  });

  it('is restarted once, even if the record of it is lost', async () => {
    expect(await check()).toEqual(['app']);
    expect(await check(60)).toEqual([]);
    writtenAt = NOW + 17 * HOUR;
    expect(await check(17 * 3600)).toEqual([]);
    writtenAt = NOW + 20 * HOUR;
    expect(await check(20 * 3600)).toEqual(['app']);
  });

  it('waits until the restart before it is half a minute old', async () => {
    workloads = [overdue('a', 30), overdue('b', 50), overdue('c', 40)];
    expect(await check()).toEqual(['b']);
    expect(await check(10)).toEqual([]);
    expect(await check(30)).toEqual(['c']);
    expect(await check(60)).toEqual(['a']);
  });

  it('does not wait because of times that users write on pod templates', async () => {
    for (const minutes of [0, 4.9, 60])
      workloads.push(overdue('b', -minutes / 60, { namespace: 'stranger', uid: `b-${minutes}` }));
    expect(await check()).toEqual(['app']);
  });

  it('has its turn even if another namespace has many due', async () => {
    const other = { namespace: 'greedy' };
    workloads = [overdue('a', 50, other), overdue('b', 40, other), overdue('c', 30, other), overdue('d', 21)];
    expect(await check()).toEqual(['a']);
    expect(await check(30)).toEqual(['d']);
    expect(await check(60)).toEqual(['b']);
  });

  it.each<[string, () => void]>([
    ['its namespace has not opted in', () => (labels = {})],
    ['its namespace is not in the cache', () => (workloads = [overdue('app', 30, { namespace: 'unknown' })])],
    ['its credential was never written', () => (writtenAt = undefined)],
    ['its credential is not renewed', () => (writtenAt = NOW - 3 * HOUR)],
    ['it is paused', () => (workloads = [overdue('app', 30, { isPaused: true })])],
  ])('is left alone while %s', async (_, make) => {
    make();
    expect(await check()).toEqual([]);
    expect(notes).toEqual([]);
  });
});

it('a workload is left alone while another controller leads', async () => {
  leads = false;
  await expect(check()).rejects.toThrow('leads no longer');
  expect([client.calls, notes, failed]).toEqual([[], [], []]);
});

describe('a workload that cannot be restarted', () => {
  it('gets an Event with every obstacle, and is counted', async () => {
    workloads = [overdue('app', 30, { every: '1h', updatesOnDelete: true }), overdue('b', 30)];
    expect(await check()).toEqual(['b']);
    expect(counts).toEqual([1]);
    const [, warning] = notes;
    expect(warning).toMatchObject({ type: 'Warning', reason: 'RestartRefused', regarding: { name: 'app' } });
    expect(warning?.note).toMatch(/^not restarted: .*found "1h".*; spec.updateStrategy.type: found OnDelete/);
  });

  it.each<KubernetesErrorCode>(['forbidden', 'rejected', 'server', 'conflict'])(
    'because of a fault of its own (%s) delays no other, and is tried again later',
    async (code) => {
      workloads = [overdue('a', 30), overdue('b', 50)];
      refuse(['b'], code);
      expect(await check()).toEqual(['b', 'a']);
      expect(failed).toEqual(['b']);
      const failedNotes = notes.filter(({ reason }) => reason === 'RestartFailed').map(({ note }) => note);
      expect(failedNotes).toEqual(
        code === 'conflict'
          ? []
          : [
              'a restart is due and could not begin, and is tried again: PATCH /apis/apps/v1/namespaces/team/deployments/b: no',
            ],
      );
      expect(await check(30)).toEqual([]);
      expect(await check(60)).toEqual(['b']);
      expect(await check(120)).toEqual([]);
      client.answer = () => ({ kind: 'ok', body: {} });
      expect(await check(180)).toEqual(['b']);
    },
  );

  it('does not wait for a clock that was set back', async () => {
    refuse(['app'], 'forbidden');
    expect(await check()).toEqual(['app']);
    expect(await check(-120)).toEqual(['app']);
  });

  it('does not make the controller try all others at once', async () => {
    workloads = Array.from({ length: 20 }, (_, index) => overdue(`w-${index}`, 30));
    refuse(
      workloads.map(({ name }) => name),
      'forbidden',
    );
    expect(await check()).toHaveLength(5);
    expect(await check(10)).toHaveLength(5);
    expect(new Set(failed).size).toBe(10);
  });

  it('because the API server does not answer ends the check, and the next check begins with another', async () => {
    workloads = [overdue('a', 30), overdue('b', 50)];
    refuse(['b'], 'timeout');
    await expect(check()).rejects.toThrow('no');
    expect(client.calls).toHaveLength(1);
    expect(await check(1)).toEqual(['a']);
  });

  it('because it is gone is skipped', async () => {
    workloads = [overdue('a', 30), overdue('b', 50)];
    client.answer = ({ path }) => (path.endsWith('/b') ? { kind: 'not-found' } : { kind: 'ok', body: {} });
    expect(await check()).toEqual(['b', 'a']);
    expect(failed).toEqual([]);
  });
});
