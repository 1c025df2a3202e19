import { beforeEach, describe, expect, it } from 'vitest';
import { UninjectedPods } from '../../../src/controller/pods/uninjected-pods.ts';
import { PodEvictions } from '../../../src/controller/pods/pod-evictions.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import type { Answer } from '../../../src/kubernetes/client.ts';
import { annotatedPod, TestRecorder, NOW, replicaSet } from './annotated-pods.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { recordingLog } from '../recording-log.ts';
import { RecordingClient, type Call } from '../recording-client.ts';

const SECOND = 1_000;
const HOUR = 3_600;
const CHECK_EVERY = 10;

/** The replacement of an evicted pod, and after how many seconds it is there and Ready. */
interface Successor {
  readonly isInjected: boolean;
  readonly comesAfter: number;
  readonly readyAfter: number;
}

const GOOD: Successor = { isInjected: true, comesAfter: 2, readyAfter: 12 };
const UNINJECTED: Successor = { ...GOOD, isInjected: false };
const PENDING: Successor = { ...GOOD, readyAfter: Infinity };
const NONE: Successor = { ...GOOD, comesAfter: Infinity };

let client: RecordingClient;
let second: number;
let pods: AnnotatedPod[];
let coming: AnnotatedPod[];
/** By uid, the second in which a successor gets Ready. */
let readyAt: Map<string, number>;
let successor: Successor;
let evictedAt: number[];
let reads: Call[];
let uninjected: UninjectedPods;

beforeEach(() => {
  client = new RecordingClient();
  client.answer = answer;
  second = 0;
  [pods, coming, evictedAt, reads] = [[], [], [], []];
  readyAt = new Map();
  const evictions = new PodEvictions({
    client,
    pods: () => pods,
    mayBeEvicted: () => true,
    log: recordingLog(),
  });
  uninjected = new UninjectedPods({
    pods: () => pods,
    events: new TestRecorder().events,
    isOptedIn: () => true,
    evictions,
    metrics: recordingMetrics(),
  });
});

function answer(call: Call): Answer {
  if (call.method === 'POST') evict(call.path.split('/').at(-2) ?? '');
  else reads.push(call);
  return { kind: 'ok', body: { items: call.method === 'GET' ? found(call) : [] } };
}

function evict(name: string): void {
  const { comesAfter, readyAfter, isInjected } = successor;
  const gone = pods.find((pod) => pod.name === name);
  const comesAt = second + comesAfter;
  const next = `successor-${evictedAt.push(second)}`;
  pods = pods.filter((pod) => pod !== gone);
  coming.push(annotatedPod(next, { owner: gone?.owner, isInjected, createdAt: NOW + comesAt * SECOND }));
  readyAt.set(`uid of ${next}`, second + readyAfter);
}

function found({ options }: Call): readonly object[] {
  const name = options?.query?.['fieldSelector']?.split('=')[1];
  return pods
    .filter((pod) => pod.name === name)
    .map(({ uid }) => {
      const isReady = (readyAt.get(uid) ?? 0) <= second;
      const conditions = [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: isReady ? 'True' : 'False' },
      ];
      return { metadata: { uid }, status: { conditions } };
    });
}

function setOf(replicas: number, name = 'set'): AnnotatedPod[] {
  return Array.from({ length: replicas }, (_, index) =>
    annotatedPod(`${name}-${index}`, { owner: replicaSet(name) }),
  );
}

async function checkFor(seconds: number): Promise<void> {
  for (const end = second + seconds; second < end; second += CHECK_EVERY) {
    const now = NOW + second * SECOND;
    pods.push(...coming.filter(({ createdAt }) => createdAt <= now));
    coming = coming.filter(({ createdAt }) => createdAt > now);
    await uninjected.check(new Date(now));
  }
}

describe('an owner whose evicted pod', () => {
  it('has a good successor has all of its pods evicted, one in half a minute', async () => {
    [pods, successor] = [setOf(5), GOOD];
    await checkFor(HOUR);
    expect(evictedAt).toEqual([0, 30, 60, 90, 120]);
    expect(pods.map(({ isInjected }) => isInjected)).toEqual([true, true, true, true, true]);
    // One at a time, and of the latest successor.
    expect(reads).toHaveLength(4);
    expect(reads.at(-1)).toMatchObject({
      path: '/api/v1/namespaces/team/pods',
      options: { query: { fieldSelector: 'metadata.name=successor-4', limit: '1' } },
    });
  });

  it('has a slow successor keeps the others until it is ready', async () => {
    [pods, successor] = [setOf(3), { ...GOOD, readyAfter: 100 }];
    await checkFor(HOUR);
    expect(evictedAt).toEqual([0, 120, 240]);
  });

  it.each([1, 3])('(of %i) has a successor that is not injected either loses one a day', async (replicas) => {
    [pods, successor] = [setOf(replicas), UNINJECTED];
    await checkFor(72 * HOUR);
    expect(evictedAt).toEqual([0, 24 * HOUR, 48 * HOUR]);
    expect(reads).toEqual([]);
  });

  it('has a successor that never starts loses no second one', async () => {
    [pods, successor] = [setOf(5), PENDING];
    await checkFor(24 * HOUR);
    expect(evictedAt).toEqual([0]);
    // Within a day, one in ten minutes.
    expect(reads.length).toBeLessThan(150);
  });

  it('has no successor, with others injected before, loses no second one', async () => {
    const owner = { ...replicaSet('set'), kind: 'DaemonSet' };
    pods = [...setOf(20), annotatedPod('before', { isInjected: true })].map((pod) => ({ ...pod, owner }));
    successor = NONE;
    await checkFor(24 * HOUR);
    expect(evictedAt).toEqual([0]);
    expect(reads).toEqual([]);
  });

  it('has a successor that never starts, and later one that does, loses the next', async () => {
    [pods, successor] = [setOf(2), PENDING];
    await checkFor(HOUR);
    // Such as after it was scaled.
    pods.push(annotatedPod('scaled', { owner: replicaSet('set'), isInjected: true }));
    await checkFor(HOUR);
    expect(evictedAt).toEqual([0, expect.any(Number)]);
  });

  it('has a successor whose name another pod has taken keeps the others', async () => {
    [pods, successor] = [setOf(2), GOOD];
    const ready = { metadata: { uid: 'other' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    client.answer = (call) =>
      call.method === 'POST' ? answer(call) : { kind: 'ok', body: { items: [ready] } };
    await checkFor(HOUR);
    expect(evictedAt).toEqual([0]);
  });

  it('may be gone, because no answer came, keeps the others, and that pod is tried again', async () => {
    [pods, successor] = [setOf(3), GOOD];
    let isAway = true;
    const asked: string[] = [];
    client.answer = (call) => {
      asked.push(call.path.split('/').at(-2) ?? '');
      if (isAway) throw new KubernetesError('timeout', 'no answer');
      return answer(call);
    };
    await expect(checkFor(CHECK_EVERY)).rejects.toThrow('no answer');
    isAway = false;
    await checkFor(100);
    expect(asked.slice(0, 2)).toEqual(['set-0', 'set-0']);
    expect(evictedAt).toEqual([60, 90]);
  });
});

describe('owners without an eviction so far', () => {
  it('do not wait for one whose successor never starts', async () => {
    [pods, successor] = [[...setOf(3, 'one'), ...setOf(3, 'two'), ...setOf(3, 'three')], PENDING];
    await checkFor(HOUR);
    expect(evictedAt).toEqual([0, 30, 60]);
    expect(pods.filter(({ isInjected }) => !isInjected)).toHaveLength(6);
  });

  it('do not wait for one whose successor cannot be read', async () => {
    [pods, successor] = [[...setOf(3, 'one'), ...setOf(1, 'two')], GOOD];
    client.answer = (call) => {
      if (call.method === 'GET') throw new KubernetesError('forbidden', 'no');
      return answer(call);
    };
    await checkFor(30);
    await expect(checkFor(CHECK_EVERY)).rejects.toThrow('no');
    second += CHECK_EVERY;
    await checkFor(CHECK_EVERY);
    expect(pods.map(({ name }) => name)).not.toContain('two-0');
  });

  it('lose their only pod', async () => {
    [pods, successor] = [setOf(1), NONE];
    await checkFor(HOUR);
    expect([evictedAt, pods]).toEqual([[0], []]);
  });
});
