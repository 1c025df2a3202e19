import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNamespaceReconciler } from '../../../src/controller/namespaces/namespace-reconciler.ts';
import { WorkQueue } from '../../../src/controller/runtime/work-queue.ts';
import type { ConsumerNamespace, DesiredState } from '../../../src/credentials/desired-state.ts';
import { destination, expectedBinding, GRACE_MS, NOW, optedInWith } from '../../credentials/objects.ts';

const NOTHING = { secrets: new Map(), bindings: new Map() };

let existing: Set<string>;
let desired: DesiredState;
let performed: string[];
let rateLimited: string[];
let failed: string[];
let refuses: (namespace: string) => boolean;
let clock: number;
let queue: WorkQueue;

beforeEach(() => {
  existing = new Set(['team']);
  desired = optedInWith(destination());
  performed = [];
  rateLimited = [];
  failed = [];
  refuses = () => false;
  clock = 0;
  const consumer = (name: string): ConsumerNamespace => ({ name, labels: {}, isTerminating: false });
  const reconciler = createNamespaceReconciler({
    cluster: {
      namespace: (name) => (existing.has(name) ? consumer(name) : undefined),
      observed: () => NOTHING,
      sees: () => true,
      namespaces: () => [],
      onChange: () => undefined,
      whenSynced: () => Promise.resolve(true),
    },
    desiredStateOf: () => desired,
    store: {
      expectedBinding: expectedBinding,
      perform: (_action, namespace) => {
        performed.push(namespace);
        return refuses(namespace) ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    },
    events: { record: () => Promise.resolve() },
    now: () => new Date(NOW),
    graceMs: GRACE_MS,
  });
  queue = new WorkQueue({
    ...reconciler,
    signal: new AbortController().signal,
    onError: (namespace) => void failed.push(namespace),
    onRateLimited: (namespace) => void rateLimited.push(namespace),
    monotonic: () => clock,
  });
});

afterEach(() => queue.stop());

/** A change in the namespace, and its reconcile. */
async function change(namespace = 'team'): Promise<void> {
  queue.add(namespace);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a namespace', () => {
  it('is reconciled when it changes, unless it is gone', async () => {
    await change();
    expect(performed).toEqual(['team', 'team']);
    existing.delete('team');
    await change();
    expect(performed).toHaveLength(2);
  });

  it('whose objects another writer undoes is reconciled more slowly, and others are not', async () => {
    existing.add('other');
    for (let times = 0; times < 50; times++) await change();
    // Ten times, a RoleBinding and a Secret.
    expect(performed).toHaveLength(20);
    expect(rateLimited).toEqual(['team']);
    await change('other');
    expect(performed.slice(20)).toEqual(['other', 'other']);
    clock = 61_000;
    await change();
    expect(performed).toHaveLength(24);
  });

  it('that changes often and needs nothing is reconciled each time', async () => {
    desired = optedInWith();
    for (let times = 0; times < 50; times++) await change();
    expect([performed, rateLimited]).toEqual([[], []]);
  });

  it('whose writes are refused is tried again later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    refuses = () => true;
    await change();
    expect(failed).toEqual(['team']);
    refuses = () => false;
    await vi.advanceTimersByTimeAsync(2_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(performed).toHaveLength(4);
    vi.useRealTimers();
  });
});
