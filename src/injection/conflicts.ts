import { contains } from '../config/mount-path.ts';
import { printName, quote, type Problem } from '../problems/problem.ts';
import type { Attachment } from './attachment.ts';
import type { ContainerView, MountView, NamedEntry, PodView } from './pod.ts';
import { sameMeaning } from './same-meaning.ts';

/** What is there already: `same` needs no work, `free` needs adding, a problem refuses the pod. */
export type Place = 'free' | 'same' | Problem;

/** Whether the pod has a volume of this name, and means the same by it. */
export function placeForVolume(attachment: Attachment, pod: PodView): Place {
  const { name } = attachment.volume;
  const existing = pod.volumes.get(name);
  if (existing === undefined) return 'free';
  if (sameMeaning(existing, attachment.volume)) return 'same';
  return {
    code: 'volume-conflict',
    where: `spec.volumes[${name}]`,
    found: 'a volume of this name with other contents',
    expected: `the name to be free for ${attachment.from}`,
    fix: 'remove the volume and its mounts; the annotation adds what it needs',
  };
}

/** Whether the container has a mount at this path, above or below it. Paths are compared as paths. */
export function placeForMount(attachment: Attachment, container: ContainerView, pod: PodView): Place {
  for (const mount of container.mounts) {
    const { path } = mount;
    if (path === attachment.mountPath)
      return isOurs(attachment, mount) ? 'same' : mountConflict(attachment, container, mount);
    if (contains(attachment.mountPath, path)) return mountConflict(attachment, container, mount);
    if (contains(path, attachment.mountPath) && !isScratch(mount, pod))
      return mountConflict(attachment, container, mount);
  }
  return 'free';
}

function isOurs(attachment: Attachment, mount: MountView): boolean {
  return mount.name === attachment.volume.name && mount.readOnly && !mount.partial;
}

/**
 * A writable emptyDir may hold our mount point, as it holds that of the service account's token where someone
 * mounts one over /var/run: runtimes mount outer folders first. Anything else would fail at the start of the
 * container or leave a folder behind in the user's data.
 */
function isScratch(mount: MountView, pod: PodView): boolean {
  const volume = pod.volumes.get(mount.name);
  return (
    volume?.['emptyDir'] !== undefined && volume['emptyDir'] !== null && !mount.readOnly && !mount.partial
  );
}

function mountConflict(attachment: Attachment, container: ContainerView, mount: MountView): Problem {
  const sameVolume = mount.name === attachment.volume.name;
  const how = sameVolume ? [mount.readOnly ? '' : ', not readOnly', mount.partial ? ', by subPath' : ''] : [];
  return {
    code: 'mount-conflict',
    where: `spec.${container.list}[${printName(container.name)}].${mount.list}`,
    found: `volume ${quote(mount.name)} at ${quote(mount.path)}${how.join('')}`,
    expected: `${attachment.mountPath} to be free for ${attachment.from}, with nothing mounted above or below it`,
    fix: sameVolume ? 'remove your own mount; the annotation adds it' : attachment.pathFix,
  };
}

/** Two attachments at one path, or one inside the other; of two at one path, one that can move is to move. */
export function pathClashes(attachments: readonly Attachment[]): Problem[] {
  const sorted = attachments.toSorted(
    (a, b) => a.mountPath.length - b.mountPath.length || Number(b.isFixed) - Number(a.isFixed),
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

/** Whether the container has a variable of this name; the user's own value always stays. */
export function placeForEnv(env: NamedEntry, container: ContainerView): 'free' | 'same' | 'kept' {
  const existing = container.env.find(({ name }) => name === env.name);
  if (existing === undefined) return 'free';
  return sameMeaning(existing, env) ? 'same' : 'kept';
}
