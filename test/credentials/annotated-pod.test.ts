import { describe, expect, it } from 'vitest';
import {
  revokedOutputs,
  mayBeEvicted,
  readAnnotatedPod,
  type AnnotatedPod,
} from '../../src/credentials/annotated-pod.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import { destination, optedInWith } from './objects.ts';

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

const ANNOTATED: AnnotatedPod = {
  name: 'app',
  namespace: 'team-a',
  uid: 'u-1',
  createdAt: Date.parse('2026-11-22T12:00:00Z'),
  owner: undefined,
  outputs: ['db'],
  hasValidAnnotations: true,
  isInjected: false,
};

describe('a pod', () => {
  it('with annotations is read with its outputs, and whether it was injected', () => {
    expect(readAnnotatedPod(pod())).toEqual(ANNOTATED);
    const injected = { ...ASKS, 'tbot-injector.io/injected': '{}' };
    expect(readAnnotatedPod(pod({ annotations: injected }))).toEqual({ ...ANNOTATED, isInjected: true });
    const joins = { 'tbot-injector.io/join': 'tbot' };
    expect(readAnnotatedPod(pod({ annotations: joins }))).toEqual({ ...ANNOTATED, outputs: [] });
    const misspelt = { 'tbot-injector.io/outputs': 'db=/db, (, web' };
    expect(readAnnotatedPod(pod({ annotations: misspelt }))).toEqual({
      ...ANNOTATED,
      outputs: ['db', 'web'],
      hasValidAnnotations: false,
    });
  });

  it.each([
    ['asks for nothing', { annotations: { other: 'x' } }],
    ['has no annotations', { annotations: null }],
    ['represents a static pod', { annotations: { ...ASKS, 'kubernetes.io/config.mirror': 'x' } }],
    ['is being deleted', { deletionTimestamp: '2026-11-22T12:00:00Z' }],
  ])('that %s is ignored', (_, metadata) => {
    expect(readAnnotatedPod(pod(metadata))).toBe('other');
  });

  it.each([
    null,
    {},
    { metadata: null },
    { metadata: { name: 'a' } },
    { metadata: { name: 'a', namespace: 'b' } },
  ])('is not read from %j', (object) => {
    expect(readAnnotatedPod(object)).toBeUndefined();
  });

  it('without a creation time counts as the oldest', () => {
    expect(readAnnotatedPod(pod({ creationTimestamp: undefined }))).toMatchObject({ createdAt: 0 });
  });

  it('has an owner where a reference is its controller', () => {
    const references = [
      { ...OWNER, uid: 'u-3' },
      { ...OWNER, controller: true },
    ];
    expect(readAnnotatedPod(pod({ ownerReferences: references }))).toMatchObject({ owner: OWNER });
    expect(readAnnotatedPod(pod({ ownerReferences: [OWNER] }))).toMatchObject({ owner: undefined });
  });

  describe('may be evicted where its owner creates a new one at once, which gets its outputs', () => {
    const owned: AnnotatedPod = { ...ANNOTATED, owner: OWNER, outputs: ['db', 'web'] };
    const desired = optedInWith(destination({ output: 'db' }), destination({ output: 'web' }));
    const isEvictable = (each: AnnotatedPod, state: DesiredState = desired, stale?: string): boolean =>
      mayBeEvicted(each, state, ({ output }) => output !== stale);

    it.each(['ReplicaSet', 'StatefulSet', 'DaemonSet'])('as a %s does', (kind) => {
      expect(isEvictable({ ...owned, owner: { ...OWNER, kind } })).toBe(true);
    });

    it('or where it asks for a join token alone, which is never stale', () => {
      expect(isEvictable({ ...owned, outputs: [] }, optedInWith())).toBe(true);
    });

    it('and stays otherwise', () => {
      expect(isEvictable({ ...owned, owner: undefined })).toBe(false);
      expect(isEvictable({ ...owned, owner: { ...OWNER, kind: 'Job' } })).toBe(false);
      expect(isEvictable({ ...owned, hasValidAnnotations: false })).toBe(false);
      expect(isEvictable({ ...owned, outputs: ['db', 'other'] })).toBe(false);
      expect(isEvictable(owned, desired, 'web')).toBe(false);
      expect(isEvictable(owned, { ...desired, optedIn: 'no' })).toBe(false);
    });
  });

  it('has revoked outputs where its namespace lost them', () => {
    const injected = { ...ANNOTATED, outputs: ['db', 'web'], isInjected: true };
    const granted = [destination({ output: 'web' })];
    expect(revokedOutputs(injected, { optedIn: 'yes', destinations: granted })).toEqual(['db']);
    expect(revokedOutputs(injected, { optedIn: 'no', destinations: [] })).toEqual(['db', 'web']);
    expect(revokedOutputs(injected, { optedIn: 'terminating', destinations: [] })).toEqual([]);
    expect(revokedOutputs(ANNOTATED, { optedIn: 'yes', destinations: [] })).toEqual([]);
  });
});
