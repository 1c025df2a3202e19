import { describe, expect, it } from 'vitest';
import { toPatch } from '../../src/injection/patch.ts';
import type { Plan } from '../../src/injection/plan.ts';
import { readPod } from '../../src/injection/pod.ts';

const volume = { name: 'v', configMap: { name: 'c', optional: false } } as const;
const mount = { name: 'v', mountPath: '/x', readOnly: true } as const;
const variable = { name: 'E', value: '1' };
const plan: Plan = {
  volumes: [volume, { ...volume, name: 'w' }],
  containers: [{ list: 'containers', index: 0, mounts: [mount], env: [variable] }],
  record: '{}',
};
const record = { op: 'add', path: '/metadata/annotations/tbot-injector.io~1injected', value: '{}' };

describe('the patch of a plan', () => {
  it('adds a missing list as a whole', () => {
    const { pod } = readPod({ spec: { containers: [{ name: 'app' }] } });
    expect(toPatch(plan, pod)).toEqual([
      { op: 'add', path: '/spec/volumes', value: plan.volumes },
      { op: 'add', path: '/spec/containers/0/env', value: [variable] },
      { op: 'add', path: '/spec/containers/0/volumeMounts', value: [mount] },
      record,
    ]);
  });

  it('appends to an existing list', () => {
    const { pod } = readPod({
      spec: { containers: [{ name: 'app', env: [], volumeMounts: [] }], volumes: [] },
    });
    expect(toPatch(plan, pod)).toEqual([
      { op: 'add', path: '/spec/volumes/-', value: plan.volumes[0] },
      { op: 'add', path: '/spec/volumes/-', value: plan.volumes[1] },
      { op: 'add', path: '/spec/containers/0/env/-', value: variable },
      { op: 'add', path: '/spec/containers/0/volumeMounts/-', value: mount },
      record,
    ]);
  });

  it('starts at the pod in its document', () => {
    const { pod } = readPod({ spec: { containers: [{ name: 'app' }] } });
    const paths = toPatch(plan, pod, '/spec/template').map(({ path }) => path);
    expect(paths.filter((path) => !path.startsWith('/spec/template/'))).toEqual([]);
  });

  it('is empty where nothing is planned', () => {
    expect(toPatch({ volumes: [], containers: [], record: undefined }, readPod({}).pod)).toEqual([]);
  });
});
