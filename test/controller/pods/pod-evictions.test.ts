import { beforeEach, describe, expect, it } from 'vitest';
import { PodEvictions } from '../../../src/controller/pods/pod-evictions.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import { leaderClient } from '../../../src/kubernetes/leader-client.ts';
import { KubernetesError, type KubernetesErrorCode } from '../../../src/kubernetes/error.ts';
import { annotatedPod, NOW, replicaSet } from './annotated-pods.ts';
import { recordingLog } from '../recording-log.ts';
import { RecordingClient } from '../recording-client.ts';

const SECOND = 1_000;

let client: RecordingClient;
let leads: boolean;
let pods: AnnotatedPod[];
let injected: AnnotatedPod[];
let logged: string[];
let evictions: PodEvictions;

beforeEach(() => {
  client = new RecordingClient();
  leads = true;
  pods = [owned('a'), owned('b'), owned('c')];
  injected = [];
  logged = [];
  evictions = new PodEvictions({
    client: leaderClient(client, { signal: new AbortController().signal, holds: () => leads }),
    pods: () => [...pods, ...injected],
    mayBeEvicted: ({ outputs }) => outputs.includes('one'),
    log: recordingLog((event, { namespace, name, error }) =>
      logged.push(event === 'pod evicted' ? `${name} is evicted` : `${namespace}/${name}: ${error}`),
    ),
  });
});

/** A pod with an owner of its own. */
function owned(name: string, changes: Partial<AnnotatedPod> = {}): AnnotatedPod {
  return annotatedPod(name, { owner: replicaSet(`set-of-${name}`), ...changes });
}

/** Names of the pods that it tries to evict, `seconds` after now. */
async function attempts(seconds = 0): Promise<readonly string[]> {
  await evictions.evictNext(pods, new Date(NOW + seconds * SECOND));
  return client.calls.splice(0).map(({ path }) => path.split('/').at(-2) ?? '');
}

function refuse(names: readonly string[], code: KubernetesErrorCode, status?: number): void {
  client.answer = ({ path }) => {
    const name = path.split('/').at(-2) ?? '';
    if (names.includes(name)) throw new KubernetesError(code, 'no', { status });
    return { kind: 'ok', body: {} };
  };
}

function gone(name: string): void {
  pods = pods.filter((pod) => pod.name !== name);
}

describe('an eviction', () => {
  it('names the pod and its uid, and uses the API that respects PodDisruptionBudgets', async () => {
    await evictions.evictNext(pods, new Date(NOW));
    expect(client.calls).toEqual([
      {
        method: 'POST',
        path: '/api/v1/namespaces/team/pods/a/eviction',
        options: { signal: expect.any(AbortSignal) as AbortSignal },
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: 'a', namespace: 'team' },
          deleteOptions: { preconditions: { uid: 'uid of a' } },
        },
      },
    ]);
    expect(logged).toEqual(['a is evicted']);
  });

  it('comes half a minute after the one before it', async () => {
    expect(await attempts()).toEqual(['a']);
    gone('a');
    expect(await attempts(29)).toEqual([]);
    expect(await attempts(30)).toEqual(['b']);
    gone('b');
    // The clock was set back.
    expect(await attempts(-3600)).toEqual(['c']);
  });

  it('spares a pod whose successor would not start', async () => {
    pods = [owned('a', { outputs: ['stale'] }), owned('b')];
    expect(await attempts()).toEqual(['b']);
  });

  it('is not begun while another controller leads', async () => {
    leads = false;
    await expect(attempts()).rejects.toThrow('leads no longer');
    expect([client.calls, logged]).toEqual([[], []]);
  });
});

describe('a pod that cannot be evicted', () => {
  it.each<[KubernetesErrorCode, number]>([
    ['throttled', 429],
    ['forbidden', 403],
    ['conflict', 409],
    ['rejected', 422],
    ['server', 500],
  ])('(%s %i) delays no other, is logged once, and is tried again', async (code, status) => {
    refuse(['a'], code, status);
    expect(await attempts()).toEqual(['a', 'b']);
    expect(logged).toEqual(['team/a: no', 'b is evicted']);
    gone('b');
    expect(await attempts(30)).toEqual(['c']);
    gone('c');
    expect(await attempts(60)).toEqual(['a']);
    expect(await attempts(120)).toEqual([]);
    expect(await attempts(180)).toEqual(['a']);
    expect(logged).toEqual(['team/a: no', 'b is evicted', 'c is evicted']);
  });

  it('does not come first again and again among many', async () => {
    pods = Array.from({ length: 500 }, (_, index) => owned(`guarded-${index}`));
    pods.push(owned('free'));
    refuse(
      pods.map(({ name }) => name).filter((name) => name !== 'free'),
      'throttled',
    );
    const all: string[] = [];
    for (let check = 0; check < 101; check++) {
      const now = await attempts(check * 10);
      expect(now.length).toBeLessThanOrEqual(5);
      all.push(...now);
    }
    expect(new Set(all).size).toBe(501);
    expect(logged).toContain('free is evicted');
  });

  it('because it is gone is skipped without a log line', async () => {
    client.answer = ({ path }) => (path.includes('/a/') ? { kind: 'not-found' } : { kind: 'ok', body: {} });
    expect(await attempts()).toEqual(['a', 'b']);
    expect(logged).toEqual(['b is evicted']);
  });

  it('ends the attempts when the API server asks for a pause', async () => {
    refuse(['a', 'b', 'c'], 'throttled', 429);
    client.throttledMs = () => 10_000;
    expect(await attempts()).toEqual(['a']);
    client.throttledMs = () => 0;
    expect(await attempts(10)).toEqual(['b', 'c']);
  });

  it.each<[KubernetesErrorCode, number | undefined]>([
    ['unreachable', undefined],
    ['timeout', undefined],
    ['server', 503],
  ])(
    'because the API server does not answer (%s) ends the check, and may have been evicted',
    async (code, status) => {
      refuse(['a'], code, status);
      await expect(attempts()).rejects.toThrow('no');
      expect(logged).toEqual([]);
      expect(client.calls.splice(0)).toHaveLength(1);
      expect(await attempts(10)).toEqual([]);
      expect(await attempts(30)).toEqual(['b']);
    },
  );
});
