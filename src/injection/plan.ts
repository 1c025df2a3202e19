import type { Problem } from '../problems/problem.ts';
import type { ContainerList, ContainerView } from './pod.ts';

/** What is added to a pod, in the types of the Kubernetes API. A plan cannot replace or remove anything. */
export interface Plan {
  readonly volumes: readonly Volume[];
  /** Only containers that change. */
  readonly containers: readonly ContainerPlan[];
  /** New value of the record annotation; undefined: the pod has it already. */
  readonly record: string | undefined;
}

export interface ContainerPlan {
  readonly list: ContainerList;
  readonly index: number;
  readonly mounts: readonly VolumeMount[];
  readonly env: readonly EnvVar[];
}

export interface Volume {
  readonly name: string;
  readonly secret?: {
    readonly secretName: string;
    readonly items: readonly KeyToPath[];
    readonly optional: false;
    readonly defaultMode?: number;
  };
  readonly projected?: { readonly sources: readonly ProjectedSource[]; readonly defaultMode?: number };
  readonly configMap?: { readonly name: string; readonly optional: false };
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
}

export type ProjectedSource =
  | {
      readonly secret: {
        readonly name: string;
        readonly items: readonly KeyToPath[];
        readonly optional: boolean;
      };
    }
  | {
      readonly serviceAccountToken: {
        readonly audience: string;
        readonly expirationSeconds: number;
        readonly path: string;
      };
    };

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: true;
}

export type EnvVar =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueFrom: { readonly fieldRef: { readonly apiVersion: 'v1'; readonly fieldPath: string } };
    };

/** A volume for some containers, with the environment variables by which tools find it. */
export interface Attachment {
  /** Its annotation, for problems: `tbot-injector.io/outputs (a)`. */
  readonly from: string;
  readonly volume: Volume;
  readonly mountPath: string;
  /** No annotation can change its path. */
  readonly hasFixedPath: boolean;
  readonly env: readonly EnvVar[];
  /** Only for a pod that does not have the volume already. */
  readonly warning: string | undefined;
  readonly containers: ReadonlySet<ContainerView>;
  /** The fix of a problem with its path. */
  readonly pathFix: string;
}

export interface AttachmentResult {
  readonly attachments: readonly Attachment[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}
