import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import {
  parseInterval,
  RESTARTABLE_RESOURCES,
  requestedOutputs,
  workloadPath,
  readWorkload,
  restartableKind,
  ROLLOUT_RESTARTED_AT,
} from '../../src/restarts/workload.ts';
import { deployment, HOUR, withInterval } from './objects.ts';

const read = (changes: Parameters<typeof deployment>[0]) => readWorkload(deployment(changes), 'Deployment');

describe('a workload', () => {
  it('is read with the fields that decide when it is restarted', () => {
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
      updatesOnDelete: false,
    });
    expect(found && requestedOutputs(found)).toEqual(['one', 'two']);
    expect(found && workloadPath(found)).toBe('/apis/apps/v1/namespaces/team/deployments/app');
  });

  it.each([
    ['has no annotations', { metadata: { annotations: null } }],
    ['has annotations of others', { metadata: { annotations: { 'example.com/restart-every': '20h' } } }],
    ['is being deleted', { metadata: { deletionTimestamp: '2026-11-22T12:00:00Z' } }],
  ])('that %s does not ask for restarts', (_, changes) => {
    expect(read(changes)).toBeUndefined();
  });

  it('without most of its fields is read too', () => {
    expect(readWorkload({ ...withInterval(7), spec: null }, 'StatefulSet')).toMatchObject({
      kind: 'StatefulSet',
      name: '',
      every: 7,
      ask: { kind: 'nothing' },
      createdAt: 0,
      restartedAt: undefined,
    });
  });

  it('may be paused, and may have the update strategy OnDelete', () => {
    expect(read({ spec: { paused: true } })?.isPaused).toBe(true);
    expect(read({ spec: { updateStrategy: { type: 'OnDelete' } } })?.updatesOnDelete).toBe(true);
  });

  it.each([
    ['is scaled to zero', 'StatefulSet', { spec: { replicas: 0 } }, true],
    ['has pods', 'Deployment', { spec: { replicas: 1 } }, false],
    ['has no node', 'DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 0 } }, true],
    ['has a node', 'DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 1 } }, false],
    ['was not observed yet', 'DaemonSet', { status: { desiredNumberScheduled: 0 } }, false],
    ['has replicas, which it ignores', 'DaemonSet', { spec: { replicas: 0 } }, false],
  ] as const)('knows whether it has pods where it %s: a %s', (_, kind, changes, hasNoPods) => {
    expect(readWorkload({ ...deployment(), ...changes }, kind)?.hasNoPods).toBe(hasNoPods);
  });

  it('has no outputs where its pods ask for nothing', () => {
    expect(requestedOutputs({ ask: { kind: 'nothing' } })).toEqual([]);
  });

  it.each([
    [{ apiVersion: 'apps/v1', kind: 'DaemonSet' }, 'DaemonSet'],
    [{ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, undefined],
    [{ apiVersion: 'example.com/v1', kind: 'Deployment' }, undefined],
    [null, undefined],
  ])('has a kind that can be restarted or not: %j', (object, kind) => {
    expect(restartableKind(object)).toBe(kind);
  });

  it('has the resource of its kind', () => {
    expect(RESTARTABLE_RESOURCES.map(({ resource }) => resource)).toEqual([
      'deployments',
      'statefulsets',
      'daemonsets',
    ]);
  });
});

describe('the interval of restarts', () => {
  it.each([
    ['12h', 12],
    ['20h', 20],
    [' 720m ', 12],
    ['19h30m', 19.5],
    ['8760h', 8760],
  ])('%j is %d hours', (text, hours) => {
    expect(parseInterval(text)).toEqual({ kind: 'interval', ms: hours * HOUR });
  });

  it.each([
    ['11h59m59s', '"11h59m59s"'],
    ['1h', '"1h"'],
    ['0s', '"0s"'],
    ['', '""'],
    ['daily', '"daily"'],
    ['1d', '"1d"'],
    ['-20h', '"-20h"'],
    ['8761h', '"8761h"'],
    [20, '20'],
    [null, 'null'],
    [{ hours: 20 }, 'a map of 1'],
  ])('%j is refused', (value, found) => {
    const interval = parseInterval(value);
    expect(interval.kind === 'problem' && printProblem(interval.problem)).toBe(
      `tbot-injector.io/restart-every: found ${found}; expected a duration from 12h to 8760h, such as 20h. Fix: write "20h", or remove it where the program notices renewed credentials by itself`,
    );
  });

  it('with too many digits is refused', () => {
    expect(parseInterval(`${'9'.repeat(400)}h`).kind).toBe('problem');
  });
});
