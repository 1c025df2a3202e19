import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runManager, type OpenTerm } from '../../src/controller/manager.ts';
import { periodic, type Reconciler } from '../../src/controller/runtime/reconciler.ts';
import { recordingMetrics } from '../telemetry/recording-metrics.ts';
import { until } from '../kubernetes/fake-api-server.ts';
import { RecordingClient } from './recording-client.ts';
import { recordingLog } from './recording-log.ts';

/** A leader that leads until `ending` aborts, with all that it logs and counts. */
function lead(openTerm: OpenTerm) {
  const ending = new AbortController();
  const logged: unknown[] = [];
  const counted: unknown[] = [];
  const done = runManager(
    new RecordingClient(),
    openTerm,
    { signal: ending.signal, holds: () => !ending.signal.aborted },
    {
      log: recordingLog((event, { controller, key, error }) =>
        logged.push({ event, controller, key, error }),
      ),
      metrics: recordingMetrics((key, _, labels) => counted.push({ key, ...labels })),
    },
  );
  return { ending, logged, counted, done };
}

const only =
  (...reconcilers: readonly Reconciler[]): OpenTerm =>
  () => ({ reconcilers, caches: [] });

it('a reconciler that fails is tried again, is reported, and disturbs no other', async () => {
  let runs = 0;
  let steady = 0;
  const failing = periodic({
    name: 'failing',
    everyMs: () => 60_000,
    check: () => (++runs === 1 ? Promise.reject(new Error('a bug')) : Promise.resolve()),
  });
  const other = periodic({
    name: 'steady',
    everyMs: () => 60_000,
    check: () => {
      steady++;
      return Promise.resolve();
    },
  });
  const { ending, logged, counted, done } = lead(only(failing, other));
  await until(() => runs === 2);
  ending.abort();
  await done;
  expect(logged).toEqual([{ event: 'reconcile failed', controller: 'failing', key: 'all', error: 'a bug' }]);
  expect(counted).toEqual([{ key: 'reconcileErrors', controller: 'failing' }]);
  expect(steady).toBe(1);
});

it('a leader without reconcilers leads until the end of its term as well', async () => {
  const { ending, done } = lead(only());
  let isOver = false;
  void done.then(() => (isOver = true));
  await sleep(10);
  expect(isOver).toBe(false);
  ending.abort();
  await done;
});

it('the end of a term waits for work that has begun, closes the caches, and reports no work that was given up', async () => {
  const order: string[] = [];
  const slow: Reconciler = {
    name: 'slow',
    start: (queue) => {
      queue.add('a');
    },
    stop: () => Promise.resolve(void order.push('reconciler stopped')),
    reconcile: async (_key, signal) => {
      order.push('begun');
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
      await sleep(20);
      order.push('ended');
      throw new Error('given up');
    },
  };
  const cache = { stop: () => Promise.resolve(void order.push('cache stopped')) };
  const { ending, logged, done } = lead(() => ({ reconcilers: [slow], caches: [cache] }));
  await until(() => order.length === 1);
  ending.abort();
  await done;
  expect(order).toEqual(['begun', 'cache stopped', 'ended', 'reconciler stopped']);
  expect(logged).toEqual([]);
});

it('a reconciler waits for its caches, and never starts if they were stopped before', async () => {
  const synced = Promise.withResolvers<boolean>();
  const started: string[] = [];
  const waiting = (name: string, whenSynced: () => Promise<boolean>): Reconciler => ({
    name,
    whenSynced,
    start: () => started.push(name),
    reconcile: () => Promise.resolve({}),
  });
  const { ending, done } = lead(
    only(
      waiting('synced', () => synced.promise),
      waiting('stopped', () => Promise.resolve(false)),
    ),
  );
  await sleep(10);
  expect(started).toEqual([]);
  synced.resolve(true);
  await until(() => started.length === 1);
  expect(started).toEqual(['synced']);
  ending.abort();
  await done;
});

it('no two terms share anything', async () => {
  let opened = 0;
  const openTerm: OpenTerm = () => {
    opened++;
    return { reconcilers: [], caches: [] };
  };
  for (const { ending, done } of [lead(openTerm), lead(openTerm)]) {
    ending.abort();
    await done;
  }
  expect(opened).toBe(2);
});

it('a reconciler that cannot start is told of, and starts a little later', async () => {
  let starts = 0;
  const failing: Reconciler = {
    name: 'failing',
    start: () => {
      if (++starts === 1) throw new Error('a bug');
    },
    reconcile: () => Promise.resolve({}),
  };
  const { ending, logged, done } = lead(only(failing));
  await until(() => starts === 2);
  ending.abort();
  await done;
  expect(logged).toEqual([
    { event: 'reconcile failed', controller: 'failing', key: undefined, error: 'a bug' },
  ]);
});
