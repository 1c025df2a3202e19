import { describe, expect, it } from 'vitest';
import {
  RESTARTABLE_RESOURCES,
  outputsOf,
  pathOf,
  readWorkload,
  restartableKind,
  ROLLOUT_RESTARTED_AT,
} from '../../src/restarts/workload.ts';
import { asking, deployment } from './objects.ts';

const read = (changes: Parameters<typeof deployment>[0]) => readWorkload(deployment(changes), 'Deployment');

describe('a workload', () => {
  it('is read with what decides when it is restarted, and nothing else', () => {
    const pods = {
      [ROLLOUT_RESTARTED_AT]: '2026-11-21T12:00:00+02:00',
      'tbot-injector.io/outputs': 'one, two=/x',
    };
    const found = readWorkload(
      deployment({ pods, spec: { template: { metadata: { annotations: pods } } } }),
      'Deployment',
    );
    expect(found).toEqual({
      kind: 'Deployment',
      namespace: 'team',
      name: 'app',
      uid: 'uid-1',
      resourceVersion: '7',
      every: '20h',
      ask: {
        kind: 'ask',
        ask: {
          outputs: [{ name: 'one' }, { name: 'two', path: '/x' }],
          containers: undefined,
          join: [],
          tbotConfig: undefined,
        },
        problems: [],
      },
      createdAt: Date.parse('2026-11-20T12:00:00Z'),
      restartedAt: Date.parse('2026-11-21T10:00:00Z'),
      isPaused: false,
      hasNoPods: false,
      waitsForDeletion: false,
    });
    expect(found && outputsOf(found)).toEqual(['one', 'two']);
    expect(found && pathOf(found)).toBe('/apis/apps/v1/namespaces/team/deployments/app');
  });

  it.each([
    ['carries no annotations', { metadata: { annotations: null } }],
    ['carries those of others', { metadata: { annotations: { 'example.com/restart-every': '20h' } } }],
    ['is being deleted', { metadata: { deletionTimestamp: '2026-11-22T12:00:00Z' } }],
  ])('that %s does not ask', (_, changes) => {
    expect(read(changes)).toBeUndefined();
  });

  it('that is half there asks as well', () => {
    expect(readWorkload({ ...asking(7), spec: null }, 'StatefulSet')).toMatchObject({
      kind: 'StatefulSet',
      name: '',
      every: 7,
      ask: { kind: 'nothing' },
      createdAt: 0,
      restartedAt: undefined,
    });
  });

  it('may be paused, and may wait for somebody to delete its pods', () => {
    expect(read({ spec: { paused: true } })?.isPaused).toBe(true);
    expect(read({ spec: { updateStrategy: { type: 'OnDelete' } } })?.waitsForDeletion).toBe(true);
  });

  it.each([
    ['is scaled to nothing', 'StatefulSet', { spec: { replicas: 0 } }, true],
    ['has pods', 'Deployment', { spec: { replicas: 1 } }, false],
    ['has no node', 'DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 0 } }, true],
    ['has a node', 'DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 1 } }, false],
    ['is new', 'DaemonSet', { status: { desiredNumberScheduled: 0 } }, false],
    ['has no number of its own', 'DaemonSet', { spec: { replicas: 0 } }, false],
  ] as const)('that %s has pods or none: a %s', (_, kind, changes, hasNoPods) => {
    expect(readWorkload({ ...deployment(), ...changes }, kind)?.hasNoPods).toBe(hasNoPods);
  });

  it('asks for no outputs where its pods ask for nothing', () => {
    expect(outputsOf({ ask: { kind: 'nothing' } })).toEqual([]);
  });

  it.each([
    [{ apiVersion: 'apps/v1', kind: 'DaemonSet' }, 'DaemonSet'],
    [{ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, undefined],
    [{ apiVersion: 'example.com/v1', kind: 'Deployment' }, undefined],
    [null, undefined],
  ])('is of a kind that can be restarted, or not: %j', (object, kind) => {
    expect(restartableKind(object)).toBe(kind);
  });

  it('is found in the collection of its kind', () => {
    expect(RESTARTABLE_RESOURCES.map(({ resource }) => resource)).toEqual([
      'deployments',
      'statefulsets',
      'daemonsets',
    ]);
  });
});
