import { inject } from 'vitest';

import type { Cluster } from '../../cluster/harness/cluster.ts';
import { useCluster } from './foreign.ts';
import { startNode, type TestNode } from './node.ts';
import type { NodeParts } from './parts.ts';

/** Where a scene plays: a cluster with a kubelet. */
export interface Site extends Pick<
  Cluster,
  'api' | 'createNamespace' | 'folder' | 'helm' | 'helm3' | 'kubectl'
> {
  readonly image: ProgramImage;
  /** What a scene may break; undefined where the cluster is somebody's. */
  readonly node: TestNode | undefined;
  /** Ends what was started, or removes what was made. */
  stop(): Promise<void>;
}

/** Of the program, as the values of the chart say it. */
export interface ProgramImage {
  readonly repository: string;
  readonly tag: string;
}

/** The clusters on which the scenes may play. */
export type Stage =
  | ({ readonly kind: 'node' } & NodeParts)
  | {
      readonly kind: 'foreign';
      readonly kubeconfig: string;
      readonly image: ProgramImage;
      readonly files: ForeignFiles;
    }
  | { readonly kind: 'missing'; readonly reason: string };

export type ForeignFiles = Readonly<Record<'kubectl' | 'helm' | 'helm3', string>>;

/** A node of the tests' own, unless the run was given a cluster. */
export async function openSite(): Promise<Site> {
  const stage = inject('stage');
  switch (stage.kind) {
    case 'missing':
      throw new Error(stage.reason);
    case 'foreign':
      return useCluster(stage);
    case 'node': {
      const node = await startNode(stage);
      return { ...node, image: { repository: 'tbot-injector', tag: stage.appVersion }, node };
    }
  }
}

/** As a pod names it. */
export function printImage({ repository, tag }: ProgramImage): string {
  return `${repository}:${tag}`;
}
