import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { readPod, type ContainerView } from '../../src/injection/pod.ts';

function problemsOf(pod: unknown): string[] {
  return readPod(pod).problems.map(printProblem);
}

function containerOf(container: object, security = {}): ContainerView | undefined {
  return readPod({ spec: { containers: [{ name: 'app', ...container }], securityContext: security } }).pod
    .containers[0];
}

const EMPTY = {
  annotations: {},
  volumes: new Map(),
  hasVolumes: false,
  containers: [],
  os: undefined,
  fsGroup: undefined,
  automountsToken: true,
};

describe('a pod is read', () => {
  it.each([
    undefined,
    null,
    {},
    { metadata: null, spec: null },
    { spec: { containers: null, initContainers: null, volumes: null, securityContext: null, os: null } },
  ])('from %j, null meaning absent', (pod) => {
    expect(readPod(pod)).toEqual({ pod: EMPTY, problems: [] });
  });

  it('with its init containers first, each with its index', () => {
    const { pod } = readPod({
      spec: { containers: [{ name: 'a' }, { name: 'b' }], initContainers: [{ name: 'i' }] },
    });
    expect(pod.containers.map(({ list, index, name }) => [list, index, name])).toEqual([
      ['initContainers', 0, 'i'],
      ['containers', 0, 'a'],
      ['containers', 1, 'b'],
    ]);
  });

  it('with the uid of a container before that of the pod', () => {
    expect(containerOf({})?.runAsUser).toBeUndefined();
    expect(containerOf({}, { runAsUser: 0 })?.runAsUser).toBe(0);
    expect(containerOf({ securityContext: { runAsUser: 1000 } }, { runAsUser: 0 })?.runAsUser).toBe(1000);
    expect(containerOf({ securityContext: { runAsUser: 0 } }, { runAsUser: 1000 })?.runAsUser).toBe(0);
  });

  it.each([
    ['/a/', '/a'],
    ['/a//b/../c', '/a/c'],
    ['a', '/a'],
    ['/', '/'],
  ])('with %s as the path %s', (mountPath, path) => {
    expect(containerOf({ volumeMounts: [{ name: 'v', mountPath }] })?.mounts).toEqual([
      { list: 'volumeMounts', name: 'v', path, readOnly: false, isPartial: false },
    ]);
  });

  it.each([
    [{ readOnly: true }, { readOnly: true, isPartial: false }],
    [{ readOnly: 'true' }, { readOnly: false, isPartial: false }],
    [{ subPath: 'x' }, { readOnly: false, isPartial: true }],
    [{ subPathExpr: '$(X)' }, { readOnly: false, isPartial: true }],
    [
      { subPath: null, subPathExpr: null },
      { readOnly: false, isPartial: false },
    ],
  ])('with a mount with %j', (fields, expected) => {
    const mounts = containerOf({ volumeMounts: [{ name: 'v', mountPath: '/x', ...fields }] })?.mounts;
    expect(mounts).toEqual([{ list: 'volumeMounts', name: 'v', path: '/x', ...expected }]);
  });

  it('with its block devices, which have a path as well', () => {
    const volumeDevices = [{ name: 'd', devicePath: '/data/' }];
    expect(containerOf({ volumeDevices, volumeMounts: [{ name: 'v', mountPath: '/x' }] })?.mounts).toEqual([
      { list: 'volumeDevices', name: 'd', path: '/data', readOnly: false, isPartial: true },
      { list: 'volumeMounts', name: 'v', path: '/x', readOnly: false, isPartial: false },
    ]);
  });

  it.each([
    [[{ secretRef: { name: 's' } }], true],
    [[], false],
    [null, false],
    ['text', false],
  ])('with envFrom %j: %j', (envFrom, has) => {
    expect(containerOf({ envFrom })?.hasEnvFrom).toBe(has);
  });

  it('with its existing lists, empty ones included', () => {
    expect(containerOf({ env: [], volumeMounts: null })).toMatchObject({ hasEnv: true, hasMounts: false });
    expect(readPod({ spec: { volumes: [] } }).pod.hasVolumes).toBe(true);
  });

  it.each([
    [undefined, true],
    [null, true],
    [true, true],
    [false, false],
  ])('with automountServiceAccountToken %j: %j', (automountServiceAccountToken, automounts) => {
    expect(readPod({ spec: { automountServiceAccountToken } }).pod.automountsToken).toBe(automounts);
  });
});

describe('a field of the wrong type is reported', () => {
  it.each<[unknown, string]>([
    ['text', 'pod: found "text"; expected a map. Fix: correct pod'],
    [[], 'pod: found []; expected a map. Fix: correct pod'],
    [{ metadata: 7 }, 'metadata: found 7; expected a map. Fix: correct metadata'],
    [
      { metadata: { annotations: ['a'] } },
      'metadata.annotations: found a list of 1; expected a map. Fix: correct metadata.annotations',
    ],
    [{ spec: { os: 'linux' } }, 'spec.os: found "linux"; expected a map. Fix: correct spec.os'],
    [{ spec: { os: { name: 7 } } }, 'spec.os.name: found 7; expected a string. Fix: correct spec.os.name'],
    [{ spec: { volumes: {} } }, 'spec.volumes: found {}; expected a list. Fix: correct spec.volumes'],
    [
      { spec: { volumes: [{}] } },
      'spec.volumes[0].name: found nothing; expected a string. Fix: correct spec.volumes[0].name',
    ],
    [
      { spec: { containers: [{ name: 'a', env: [{ name: null }] }] } },
      'spec.containers[a].env[0].name: found null; expected a string. Fix: correct spec.containers[a].env[0].name',
    ],
    [
      { spec: { containers: [{ name: 'a\nb', securityContext: { runAsUser: '0' } }] } },
      'spec.containers["a\\nb"].securityContext.runAsUser: found "0"; expected a number. Fix: correct spec.containers["a\\nb"].securityContext.runAsUser',
    ],
    [
      { spec: { containers: [{ name: 'a', volumeDevices: [{ name: 'd', devicePath: 7 }] }] } },
      'spec.containers[a].volumeDevices[d].devicePath: found 7; expected a string. Fix: correct spec.containers[a].volumeDevices[d].devicePath',
    ],
    [
      { spec: { containers: [{ name: 'a', volumeDevices: [{ name: 'd' }], volumeMounts: [{ name: 7 }] }] } },
      'spec.containers[a].volumeMounts[0].name: found 7; expected a string. Fix: correct spec.containers[a].volumeMounts[0].name',
    ],
  ])('%j', (pod, problem) => {
    expect(problemsOf(pod)).toEqual([problem]);
  });

  it('with all others, at most a hundred', () => {
    const { problems } = readPod({
      metadata: 1,
      spec: { os: 2, volumes: 3, containers: 4, securityContext: 5 },
    });
    expect(problems.map(({ where }) => where)).toEqual([
      'metadata',
      'spec.securityContext',
      'spec.os',
      'spec.volumes',
      'spec.containers',
    ]);
    expect(problemsOf({ spec: { volumes: Array(1000).fill(1) } })).toHaveLength(100);
  });
});
