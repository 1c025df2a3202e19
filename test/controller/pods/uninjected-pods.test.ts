import { beforeEach, describe, expect, it } from 'vitest';
import { UninjectedPods } from '../../../src/controller/pods/uninjected-pods.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { askingPod, Journal, NOW, replicaSet } from './annotated-pods.ts';

const MINUTE = 60_000;

let pods: readonly AnnotatedPod[];
let journal: Journal;
let counts: number[];
let offered: string[];
let uninjected: UninjectedPods;

beforeEach(() => {
  pods = [];
  journal = new Journal();
  counts = [];
  offered = [];
  uninjected = new UninjectedPods({
    pods: () => pods,
    events: journal.events,
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
    askingPod(`${name}-${index}`, { owner: replicaSet(name) }),
  );
}

/** What is said by looks ten seconds apart, `minute` after the beginning. */
async function said(looks = 1, minute = 0): Promise<readonly string[]> {
  for (let look = 0; look < looks; look++) {
    journal.clock = minute * MINUTE + look * 10_000;
    await uninjected.check(new Date(NOW + journal.clock));
  }
  return journal.takenOn();
}

describe('a pod that slipped through', () => {
  it('is told of, on itself and on its owner', async () => {
    pods = setOf(1);
    await uninjected.check(new Date(NOW));
    const why =
      'created before namespace team opted in, or past the webhook. ' +
      'Fix: create it again, such as by kubectl rollout restart';
    const namespace = 'team';
    expect(journal.taken()).toMatchObject([
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

  it('is one that asks for it, for a while already, in a namespace that has opted in', async () => {
    pods = [
      askingPod('injected', { isInjected: true }),
      askingPod('new', { createdAt: NOW - 14_000 }),
      askingPod('elsewhere', { namespace: 'other' }),
    ];
    expect(await said()).toEqual([]);
    expect([counts, offered]).toEqual([[0], []]);
  });

  it('is told of once on an owner, however many there are', async () => {
    pods = [...setOf(3), ...setOf(2, 'other')];
    expect(await said(360)).toEqual([
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

  it('is told of anew where there is another one later', async () => {
    pods = setOf(1);
    expect(await said()).toEqual(['Pod/set-0', 'ReplicaSet/set']);
    pods = [];
    expect(await said(1, 1)).toEqual([]);
    pods = setOf(1);
    expect(await said(3, 2)).toEqual(['Pod/set-0', 'ReplicaSet/set']);
  });

  it('is told of beside its successor of the same name', async () => {
    pods = [askingPod('set-0', { owner: replicaSet('set') })];
    await said();
    pods = [askingPod('set-0', { owner: replicaSet('set'), uid: 'new' })];
    expect(await said(3, 1)).toEqual(['Pod/set-0']);
  });

  it('waits its turn where there are thousands: a hundred Events a look', async () => {
    pods = Array.from({ length: 250 }, (_, index) => askingPod(`pod-${index}`));
    const each = [await said(), await said(), await said(), await said()];
    expect(each.map(({ length }) => length)).toEqual([100, 100, 50, 0]);
    expect(new Set(each.flat()).size).toBe(250);
  });
});
