import { describe, expect, it } from 'vitest';
import { mayBeEvicted, readMissedPod, type MissedPod } from '../../src/credentials/missed.ts';

const ASKS = { 'tbot-injector.io/outputs': 'db' };
const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', uid: 'u-2' };

const pod = (metadata: object = {}): unknown => ({
  metadata: {
    name: 'app',
    namespace: 'team-a',
    uid: 'u-1',
    creationTimestamp: '2026-11-22T12:00:00Z',
    annotations: ASKS,
    ...metadata,
  },
});

const missed: MissedPod = {
  name: 'app',
  namespace: 'team-a',
  uid: 'u-1',
  createdAt: Date.parse('2026-11-22T12:00:00Z'),
  owner: undefined,
};

describe('a pod', () => {
  it('that asks and was not injected is missed', () => {
    expect(readMissedPod(pod())).toEqual(missed);
    expect(readMissedPod(pod({ annotations: { 'tbot-injector.io/join': 'tbot' } }))).toEqual(missed);
  });

  it.each([
    ['asks for nothing', { annotations: { other: 'x' } }],
    ['has no annotations', { annotations: null }],
    ['was injected', { annotations: { ...ASKS, 'tbot-injector.io/injected': '{}' } }],
    ['shows a static pod', { annotations: { ...ASKS, 'kubernetes.io/config.mirror': 'x' } }],
    ['is going', { deletionTimestamp: '2026-11-22T12:00:00Z' }],
  ])('that %s is well', (_, metadata) => {
    expect(readMissedPod(pod(metadata))).toBe('well');
  });

  it.each([
    null,
    {},
    { metadata: null },
    { metadata: { name: 'a' } },
    { metadata: { name: 'a', namespace: 'b' } },
  ])('that is none is none: %j', (object) => {
    expect(readMissedPod(object)).toBeUndefined();
  });

  it('of no known age is as old as can be', () => {
    expect(readMissedPod(pod({ creationTimestamp: undefined }))).toMatchObject({ createdAt: 0 });
  });

  it('may be evicted where its owner makes a new one at once', () => {
    const owned = readMissedPod(pod({ ownerReferences: [{ ...OWNER, controller: true }] })) as MissedPod;
    expect(owned.owner).toEqual(OWNER);
    expect(mayBeEvicted(owned)).toBe(true);
    expect(mayBeEvicted({ ...owned, owner: { ...OWNER, kind: 'Job' } })).toBe(false);
    expect(mayBeEvicted(missed)).toBe(false);
    expect(readMissedPod(pod({ ownerReferences: [OWNER] }))).toMatchObject({ owner: undefined });
  });
});
