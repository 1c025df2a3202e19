import { expect, it } from 'vitest';
import { podPath } from '../../src/injection/workloads.ts';

it.each([
  ['v1', 'Pod', []],
  ['apps/v1', 'Deployment', ['spec', 'template']],
  ['apps/v1', 'StatefulSet', ['spec', 'template']],
  ['apps/v1', 'DaemonSet', ['spec', 'template']],
  ['apps/v1', 'ReplicaSet', ['spec', 'template']],
  ['batch/v1', 'Job', ['spec', 'template']],
  ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])('%s %s keeps its pod at %j', (apiVersion, kind, path) => {
  expect(podPath(apiVersion, kind)).toEqual(path);
});

it.each([
  ['v1', 'Secret'],
  ['apps/v1', 'Pod'],
  ['extensions/v1beta1', 'Deployment'],
  ['v1', '__proto__'],
  [undefined, 'Pod'],
  ['v1', 7],
])('%s %s has none that we know', (apiVersion, kind) => {
  expect(podPath(apiVersion, kind)).toBeUndefined();
});
