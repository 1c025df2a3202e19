import { normalizeMountPath } from '../config/mount-path.ts';
import { printName, quote, type Problem } from '../problems/problem.ts';

/** The fields of a pod or pod template that injection reads. */
export interface PodView {
  /** Values of any shape; src/annotations parses those with our prefix. */
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly volumes: ReadonlyMap<string, NamedEntry>;
  readonly hasVolumes: boolean;
  /** Init containers first, in the order of their start. */
  readonly containers: readonly ContainerView[];
  readonly os: string | undefined;
  readonly fsGroup: number | undefined;
  readonly automountsToken: boolean;
}

export type ContainerList = 'initContainers' | 'containers';

export interface NamedEntry {
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface ContainerView {
  readonly list: ContainerList;
  readonly index: number;
  readonly name: string;
  /** The uid of the container or else of the pod; undefined: the image decides. */
  readonly runAsUser: number | undefined;
  readonly env: readonly NamedEntry[];
  readonly hasEnv: boolean;
  readonly hasEnvFrom: boolean;
  /** With block devices, which have a path as well. */
  readonly mounts: readonly MountView[];
  readonly hasMounts: boolean;
}

export interface MountView {
  readonly list: 'volumeMounts' | 'volumeDevices';
  readonly name: string;
  /** Normalized, so that paths can be compared. */
  readonly path: string;
  readonly readOnly: boolean;
  /** By subPath or as a block device: not the whole volume, and not refreshed. */
  readonly isPartial: boolean;
}

type RawMap = Readonly<Record<string, unknown>>;

/**
 * Reads a pod of unknown shape and reports every field of the wrong type. A pod from an API server has none; one from a
 * file may. `null` means absent, as in Kubernetes.
 */
export function readPod(pod: unknown): { readonly pod: PodView; readonly problems: readonly Problem[] } {
  const reader = new Reader();
  const root = reader.map(pod, 'pod');
  const metadata = reader.map(root['metadata'], 'metadata');
  const spec = reader.map(root['spec'], 'spec');
  const security = reader.map(spec['securityContext'], 'spec.securityContext');
  const os = reader.map(spec['os'], 'spec.os');
  const runAsUser = reader.number(security['runAsUser'], 'spec.securityContext.runAsUser');
  const view: PodView = {
    annotations: reader.map(metadata['annotations'], 'metadata.annotations'),
    volumes: byName(reader.named(spec['volumes'], 'spec.volumes')),
    hasVolumes: isPresent(spec['volumes']),
    containers: (['initContainers', 'containers'] as const).flatMap((list) =>
      reader
        .named(spec[list], `spec.${list}`)
        .map((each, index) => readContainer(reader, each, list, index, runAsUser)),
    ),
    os: reader.text(os['name'], 'spec.os.name'),
    fsGroup: reader.number(security['fsGroup'], 'spec.securityContext.fsGroup'),
    automountsToken: spec['automountServiceAccountToken'] !== false,
  };
  return { pod: view, problems: reader.problems };
}

function readContainer(
  reader: Reader,
  container: NamedEntry,
  list: ContainerList,
  index: number,
  podRunAsUser: number | undefined,
): ContainerView {
  const at = `spec.${list}[${printName(container.name)}]`;
  const security = reader.map(container['securityContext'], `${at}.securityContext`);
  return {
    list,
    index,
    name: container.name,
    runAsUser: reader.number(security['runAsUser'], `${at}.securityContext.runAsUser`) ?? podRunAsUser,
    env: reader.named(container['env'], `${at}.env`),
    hasEnv: isPresent(container['env']),
    hasEnvFrom: Array.isArray(container['envFrom']) && container['envFrom'].length > 0,
    mounts: [...readDevices(reader, container, at), ...readMounts(reader, container, at)],
    hasMounts: isPresent(container['volumeMounts']),
  };
}

function readMounts(reader: Reader, container: NamedEntry, at: string): MountView[] {
  return reader.named(container['volumeMounts'], `${at}.volumeMounts`).map((mount) => ({
    list: 'volumeMounts',
    name: mount.name,
    path: absolutePath(
      reader.text(mount['mountPath'], `${at}.volumeMounts[${printName(mount.name)}].mountPath`) ?? '',
    ),
    readOnly: mount['readOnly'] === true,
    isPartial: isPresent(mount['subPath']) || isPresent(mount['subPathExpr']),
  }));
}

function readDevices(reader: Reader, container: NamedEntry, at: string): MountView[] {
  return reader.named(container['volumeDevices'], `${at}.volumeDevices`).map((device) => ({
    list: 'volumeDevices',
    name: device.name,
    path: absolutePath(
      reader.text(device['devicePath'], `${at}.volumeDevices[${printName(device.name)}].devicePath`) ?? '',
    ),
    readOnly: false,
    isPartial: true,
  }));
}

function byName(list: readonly NamedEntry[]): ReadonlyMap<string, NamedEntry> {
  return new Map(list.map((item) => [item.name, item]));
}

/** The kubelet resolves a relative mountPath from the root of the container. */
function absolutePath(path: string): string {
  return normalizeMountPath(`/${path}`);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** More do not help the user, and one AdmissionReview has space for millions of wrong items. */
const MAX_POD_PROBLEMS = 100;

/** Reads values of unknown shape. A value of the wrong type is reported and counts as absent. */
class Reader {
  readonly problems: Problem[] = [];

  map(value: unknown, where: string): RawMap {
    if (!isPresent(value)) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as RawMap;
    this.#report(value, where, 'a map');
    return {};
  }

  text(value: unknown, where: string): string | undefined {
    if (!isPresent(value)) return undefined;
    if (typeof value === 'string') return value;
    this.#report(value, where, 'a string');
    return undefined;
  }

  number(value: unknown, where: string): number | undefined {
    if (!isPresent(value)) return undefined;
    if (typeof value === 'number') return value;
    this.#report(value, where, 'a number');
    return undefined;
  }

  /** A list of maps that each have a name. */
  named(value: unknown, where: string): NamedEntry[] {
    if (!isPresent(value)) return [];
    if (!Array.isArray(value)) {
      this.#report(value, where, 'a list');
      return [];
    }
    return value.map((item: unknown, index) => {
      const map = this.map(item, `${where}[${index}]`);
      if (typeof map['name'] === 'string') return map as NamedEntry;
      this.#report(map['name'], `${where}[${index}].name`, 'a string');
      return { ...map, name: '' };
    });
  }

  #report(value: unknown, where: string, expected: string): void {
    if (this.problems.length >= MAX_POD_PROBLEMS) return;
    const found = value === undefined ? 'nothing' : quote(value);
    this.problems.push({ code: 'wrong-pod', where, found, expected, fix: `correct ${where}` });
  }
}
