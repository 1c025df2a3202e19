import { expect, it } from 'vitest';
import { misplacedAnnotations, podPath } from '../../src/injection/workloads.ts';

it.each([
  ['v1', 'Pod', []],
  ['apps/v1', 'Deployment', ['spec', 'template']],
  ['apps/v1', 'StatefulSet', ['spec', 'template']],
  ['apps/v1', 'DaemonSet', ['spec', 'template']],
  ['apps/v1', 'ReplicaSet', ['spec', 'template']],
  ['batch/v1', 'Job', ['spec', 'template']],
  ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])('%s %s has its pod at %j', (apiVersion, kind, path) => {
  expect(podPath(apiVersion, kind)).toEqual(path);
});

it.each([
  ['v1', 'Secret'],
  ['apps/v1', 'Pod'],
  ['extensions/v1beta1', 'Deployment'],
  ['v1', '__proto__'],
  [undefined, 'Pod'],
  ['v1', 7],
])('%s %s has no known path', (apiVersion, kind) => {
  expect(podPath(apiVersion, kind)).toBeUndefined();
});

const template = ['spec', 'template'];

function deployment(annotations: unknown): unknown {
  return { kind: 'Deployment', metadata: { annotations } };
}

it('annotations of ours on a workload itself have a warning with the right place', () => {
  const annotations = { 'tbot-injector.io/outputs': 'a', 'tbot-injector.io/foo': 'b', 'example.com/c': 'd' };
  expect(misplacedAnnotations(deployment(annotations), template)).toEqual([
    'tbot-injector.io/outputs, tbot-injector.io/foo on the Deployment itself has no effect: move it to spec.template.metadata.annotations',
  ]);
});

it('annotations of a Pod are in the right place', () => {
  const annotations = { 'tbot-injector.io/outputs': 'a' };
  expect(misplacedAnnotations({ kind: 'Pod', metadata: { annotations } }, [])).toEqual([]);
});

it.each([undefined, null, 'text', {}, { 'example.com/a': 'b' }, { 'tbot-injector.io/injected': '{}' }])(
  'there is no warning for %j',
  (annotations) => {
    expect(misplacedAnnotations(deployment(annotations), template)).toEqual([]);
  },
);

it('the annotation for restarts is right on the workload itself', () => {
  const annotations = { 'tbot-injector.io/restart-every': '20h' };
  expect(misplacedAnnotations(deployment(annotations), template)).toEqual([]);
  const both = { ...annotations, 'tbot-injector.io/outputs': 'a' };
  expect(misplacedAnnotations({ kind: 'Job', metadata: { annotations: both } }, template)).toEqual([
    'tbot-injector.io/outputs on the Job itself has no effect: move it to spec.template.metadata.annotations',
    'tbot-injector.io/restart-every has no effect on a Job: remove it; what can be restarted is a Deployment, StatefulSet or DaemonSet',
  ]);
});
