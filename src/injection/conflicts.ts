import { contains } from '../config/mount-path.ts';
import { printName, quote, type Problem } from '../problems/problem.ts';
import type { Attachment } from './plan.ts';
import type { ContainerView, MountView, NamedEntry, PodView } from './pod.ts';

/** What the pod has already: an `absent` part is added, the `same` part is kept, a problem refuses the pod. */
export type Comparison = 'absent' | 'same' | Problem;

/** Compares the attachment's volume with the pod's volume of the same name. */
export function compareVolume(attachment: Attachment, pod: PodView): Comparison {
  const { name } = attachment.volume;
  const existing = pod.volumes.get(name);
  if (existing === undefined) return 'absent';
  if (isSemanticallyEqual(existing, attachment.volume)) return 'same';
  return {
    code: 'volume-conflict',
    where: `spec.volumes[${name}]`,
    found: 'a volume of this name with other contents',
    expected: `the name to be free for ${attachment.from}`,
    fix: 'remove the volume and its mounts; the annotation adds what it needs',
  };
}

/** Compares the attachment's mount with the container's mounts at its path, above it and below it. */
export function compareMount(attachment: Attachment, container: ContainerView, pod: PodView): Comparison {
  for (const mount of container.mounts) {
    const { path } = mount;
    if (path === attachment.mountPath)
      return isSameMount(attachment, mount) ? 'same' : mountConflict(attachment, container, mount);
    if (contains(attachment.mountPath, path)) return mountConflict(attachment, container, mount);
    if (contains(path, attachment.mountPath) && !isScratch(mount, pod))
      return mountConflict(attachment, container, mount);
  }
  return 'absent';
}

function isSameMount(attachment: Attachment, mount: MountView): boolean {
  return mount.name === attachment.volume.name && mount.readOnly && !mount.isPartial;
}

/**
 * A writable emptyDir may contain our mount point, just as an emptyDir at /var/run contains the service account's token:
 * runtimes mount outer folders first. In any other volume the container would fail to start, or a folder would be left
 * in the user's data.
 */
function isScratch(mount: MountView, pod: PodView): boolean {
  const volume = pod.volumes.get(mount.name);
  return (
    volume?.['emptyDir'] !== undefined && volume['emptyDir'] !== null && !mount.readOnly && !mount.isPartial
  );
}

function mountConflict(attachment: Attachment, container: ContainerView, mount: MountView): Problem {
  const sameVolume = mount.name === attachment.volume.name;
  const how = sameVolume
    ? [mount.readOnly ? '' : ', not readOnly', mount.isPartial ? ', by subPath' : '']
    : [];
  return {
    code: 'mount-conflict',
    where: `spec.${container.list}[${printName(container.name)}].${mount.list}`,
    found: `volume ${quote(mount.name)} at ${quote(mount.path)}${how.join('')}`,
    expected: `${attachment.mountPath} to be free for ${attachment.from}, with nothing mounted above or below it`,
    fix: sameVolume ? 'remove your own mount; the annotation adds it' : attachment.pathFix,
  };
}

/**
 * Problems of two attachments at one path, or one inside the other. Of two at one path, the problem names the one whose
 * path an annotation can change.
 */
export function pathConflicts(attachments: readonly Attachment[]): Problem[] {
  const sorted = attachments.toSorted(
    (a, b) => a.mountPath.length - b.mountPath.length || Number(b.hasFixedPath) - Number(a.hasFixedPath),
  );
  return sorted.flatMap((inner, index) =>
    sorted
      .slice(0, index)
      .filter(
        (outer) =>
          contains(outer.mountPath, inner.mountPath) && !outer.containers.isDisjointFrom(inner.containers),
      )
      .map((outer) => ({
        code: 'mount-conflict',
        where: inner.from,
        found: `path ${quote(inner.mountPath)}`,
        expected: `a path outside ${outer.mountPath} of ${outer.from}`,
        fix: inner.pathFix,
      })),
  );
}

/** Compares a variable with the container's variable of the same name. `kept`: the user's own value always stays. */
export function compareEnv(env: NamedEntry, container: ContainerView): 'absent' | 'same' | 'kept' {
  const existing = container.env.find(({ name }) => name === env.name);
  if (existing === undefined) return 'absent';
  return isSemanticallyEqual(existing, env) ? 'same' : 'kept';
}

/**
 * Whether two values of the Kubernetes API have the same meaning. It ignores key order, defaults that the API server
 * fills in, the order of `items`, and file modes: a mode is the user's choice, and the mode for the containers of the
 * first admission stays when a reinvocation sees one more container.
 */
export function isSemanticallyEqual(a: unknown, b: unknown): boolean {
  return canonical(a, 0) === canonical(b, 0);
}

/** Deeper than any volume or variable. A tenant's value may be deeper than the stack. */
const MAX_DEPTH = 12;

const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['optional', false],
  ['readOnly', false],
  ['apiVersion', 'v1'],
]);

function canonical(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return 'too deep';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([key, field]) => isSignificant(key, field))
    .map(
      ([key, field]) =>
        `${JSON.stringify(key)}:${key === 'items' ? unordered(field, depth) : canonical(field, depth + 1)}`,
    );
  return `{${fields.sort().join()}}`;
}

function isSignificant(key: string, field: unknown): boolean {
  return (
    field !== undefined &&
    field !== null &&
    key !== 'defaultMode' &&
    !(DEFAULTS.has(key) && DEFAULTS.get(key) === field)
  );
}

function unordered(items: unknown, depth: number): string {
  if (!Array.isArray(items)) return canonical(items, depth + 1);
  return `[${items
    .map((item) => canonical(item, depth + 1))
    .sort()
    .join()}]`;
}
