import { beforeEach, describe, expect, it } from 'vitest';
import { UninjectedPods } from '../../../src/controller/pods/uninjected-pods.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { annotatedPod, TestRecorder, NOW, replicaSet } from './annotated-pods.ts';

const MINUTE = 60_000;

let pods: readonly AnnotatedPod[];
let recorder: TestRecorder;
let counts: number[];
let offered: string[];
let uninjected: UninjectedPods;

beforeEach(() => {
  pods = [];
  recorder = new TestRecorder();
  counts = [];
  offered = [];
  uninjected = new UninjectedPods({
    pods: () => pods,
    events: recorder.events,
    isOptedIn: (namespace) => namespace === 'team',
    evictions: {
      evictNext: (those) => {
        offered = those.map(({ name }) => name);
        return Promise.resolve();
      },
    },
    metrics: recordingMetrics((_, count) => counts.push(Number(count))),
  });
});

function setOf(replicas: number, name = 'set'): readonly AnnotatedPod[] {
  return Array.from({ length: replicas }, (_, index) =>
    annotatedPod(`${name}-${index}`, { owner: replicaSet(name) }),
  );
}

/** Objects of the Events of so many checks, ten seconds apart, from `minute` on. */
async function checkedObjects(checks = 1, minute = 0): Promise<readonly string[]> {
  for (let check = 0; check < checks; check++) {
    recorder.clock = minute * MINUTE + check * 10_000;
    await uninjected.check(new Date(NOW + recorder.clock));
  }
  return recorder.takeObjects();
}

describe('an uninjected pod', () => {
  it('is reported by an Event on itself and on its owner', async () => {
    pods = setOf(1);
    await uninjected.check(new Date(NOW));
    const why =
      'created before namespace team opted in, or past the webhook. ' +
      'Fix: create it again, such as by kubectl rollout restart';
    const namespace = 'team';
    expect(recorder.takeEvents()).toMatchObject([
      {
        type: 'Warning',
        reason: 'NotInjected',
        note: `the pod asks for credentials and has none: ${why}`,
        regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name: 'set-0', uid: 'uid of set-0' },
      },
      {
        type: 'Warning',
        reason: 'NotInjected',
        note: `a pod of it asks for credentials and has none: ${why}`,
        regarding: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name: 'set', uid: 'uid of set' },
      },
    ]);
    expect([counts, offered]).toEqual([[1], ['set-0']]);
  });

  it('is a pod that asks for credentials, is older than a few seconds, and is in an opted-in namespace', async () => {
    pods = [
      annotatedPod('injected', { isInjected: true }),
      annotatedPod('new', { createdAt: NOW - 14_000 }),
      annotatedPod('elsewhere', { namespace: 'other' }),
    ];
    expect(await checkedObjects()).toEqual([]);
    expect([counts, offered]).toEqual([[0], []]);
  });

  it('is reported once on an owner, however many pods it has', async () => {
    pods = [...setOf(3), ...setOf(2, 'other')];
    expect(await checkedObjects(360)).toEqual([
      'Pod/set-0',
      'ReplicaSet/set',
      'Pod/set-1',
      'Pod/set-2',
      'Pod/other-0',
      'ReplicaSet/other',
      'Pod/other-1',
      // After fifty minutes.
      'Pod/set-0',
      'ReplicaSet/set',
      'Pod/set-1',
      'Pod/set-2',
      'Pod/other-0',
      'ReplicaSet/other',
      'Pod/other-1',
    ]);
  });

  it('is reported again when another one comes later', async () => {
    pods = setOf(1);
    expect(await checkedObjects()).toEqual(['Pod/set-0', 'ReplicaSet/set']);
    pods = [];
    expect(await checkedObjects(1, 1)).toEqual([]);
    pods = setOf(1);
    expect(await checkedObjects(3, 2)).toEqual(['Pod/set-0', 'ReplicaSet/set']);
  });

  it('is reported beside its successor of the same name', async () => {
    pods = [annotatedPod('set-0', { owner: replicaSet('set') })];
    await checkedObjects();
    pods = [annotatedPod('set-0', { owner: replicaSet('set'), uid: 'new' })];
    expect(await checkedObjects(3, 1)).toEqual(['Pod/set-0']);
  });

  it('waits its turn where there are thousands: each check records a hundred Events', async () => {
    pods = Array.from({ length: 250 }, (_, index) => annotatedPod(`pod-${index}`));
    const each = [
      await checkedObjects(),
      await checkedObjects(),
      await checkedObjects(),
      await checkedObjects(),
    ];
    expect(each.map(({ length }) => length)).toEqual([100, 100, 50, 0]);
    expect(new Set(each.flat()).size).toBe(250);
  });
});
