import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from './cluster.ts';

export const CHART = join(import.meta.dirname, '../../../charts/tbot-injector');
const MINIMAL = join(import.meta.dirname, '../../chart/minimal-values.yaml');

/** What an installation needs of a cluster. */
type Site = Pick<Cluster, 'createNamespace' | 'folder' | 'helm' | 'helm3'>;

/** One way to install the chart: which helm, and its flags. */
export interface Way {
  readonly helm?: 'helm' | 'helm3';
  /** Files of values, the last one winning; default: what every installation must say. */
  readonly valueFiles?: readonly string[];
  readonly values?: object;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The chart as `tbot-injector` in a namespace that enforces Pod Security "restricted". */
export class Installation {
  readonly namespace: string;
  readonly #cluster: Site;
  readonly #way: Way;

  constructor(cluster: Site, namespace: string, way: Way = {}) {
    this.#cluster = cluster;
    this.namespace = namespace;
    this.#way = way;
  }

  /** `helm install` in a namespace of its own; what helm printed. */
  async install(): Promise<string> {
    await this.#cluster.createNamespace(this.namespace, RESTRICTED);
    return this.helm('install');
  }

  /** `helm install` or `helm upgrade`; throws with helm's own words when it fails. */
  async helm(verb: 'install' | 'upgrade', ...flags: readonly string[]): Promise<string> {
    const { valueFiles = [MINIMAL], values = {} } = this.#way;
    const files = valueFiles.flatMap((file) => ['--values', file]);
    const args = [verb, RELEASE, CHART, '--namespace', this.namespace, ...files, '--values', '-', ...flags];
    return this.#run(args, JSON.stringify(values));
  }

  /** The same release, by another helm from now on. */
  with(helm: 'helm' | 'helm3'): Installation {
    return new Installation(this.#cluster, this.namespace, { ...this.#way, helm });
  }

  /** A file that is gone with the cluster; its path. */
  async writeFile(name: string, text: string): Promise<string> {
    const file = join(this.#cluster.folder, name);
    await writeFile(file, text);
    return file;
  }

  async uninstall(): Promise<void> {
    await this.#run(['uninstall', RELEASE, '--namespace', this.namespace]);
  }

  /** The objects of the release as the chart has them. */
  async manifest(): Promise<readonly KubernetesObject[]> {
    const text = await this.#run(['get', 'manifest', RELEASE, '--namespace', this.namespace]);
    return readObjects(text);
  }

  async hooks(): Promise<readonly KubernetesObject[]> {
    return readObjects(await this.#run(['get', 'hooks', RELEASE, '--namespace', this.namespace]));
  }

  async #run(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#cluster[this.#way.helm ?? 'helm'](args, stdin);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }
}

const RELEASE = 'tbot-injector';

/** The strictest level, enforced, and warned of: admission judges every pod. */
const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
} as const;

function readObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}
