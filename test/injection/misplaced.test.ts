import { expect, it } from 'vitest';
import { misplacedAnnotations } from '../../src/injection/misplaced.ts';

const template = ['spec', 'template'];

function deployment(annotations: unknown): unknown {
  return { kind: 'Deployment', metadata: { annotations } };
}

it('annotations of ours on a workload itself are told where they belong', () => {
  const annotations = { 'tbot-injector.io/outputs': 'a', 'tbot-injector.io/foo': 'b', 'example.com/c': 'd' };
  expect(misplacedAnnotations(deployment(annotations), template)).toEqual([
    'tbot-injector.io/outputs, tbot-injector.io/foo on the Deployment itself has no effect: move it to spec.template.metadata.annotations',
  ]);
});

it('those of a Pod stand in the right place', () => {
  const annotations = { 'tbot-injector.io/outputs': 'a' };
  expect(misplacedAnnotations({ kind: 'Pod', metadata: { annotations } }, [])).toEqual([]);
});

it.each([undefined, null, 'text', {}, { 'example.com/a': 'b' }, { 'tbot-injector.io/injected': '{}' }])(
  'there is nothing to say of %j',
  (annotations) => {
    expect(misplacedAnnotations(deployment(annotations), template)).toEqual([]);
  },
);

it('the annotation of restarts stands on the workload itself', () => {
  const annotations = { 'tbot-injector.io/restart-every': '20h' };
  expect(misplacedAnnotations(deployment(annotations), template)).toEqual([]);
  const both = { ...annotations, 'tbot-injector.io/outputs': 'a' };
  expect(misplacedAnnotations({ kind: 'Job', metadata: { annotations: both } }, template)).toEqual([
    'tbot-injector.io/outputs on the Job itself has no effect: move it to spec.template.metadata.annotations',
    'tbot-injector.io/restart-every has no effect on a Job: remove it; what can be restarted is a Deployment, StatefulSet or DaemonSet',
  ]);
});
