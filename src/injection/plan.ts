/**
 * What is added to a pod, and only that: the plan has no way to say "replace" or "remove".
 * Values are as the Kubernetes API writes them.
 */
export interface Plan {
  readonly volumes: readonly Volume[];
  /** Only containers that get something. */
  readonly containers: readonly ContainerPlan[];
  /** New value of the record annotation; undefined where it stands already. */
  readonly record: string | undefined;
}

export interface ContainerPlan {
  readonly list: ContainerList;
  readonly index: number;
  readonly mounts: readonly VolumeMount[];
  readonly env: readonly EnvVar[];
}

export type ContainerList = 'initContainers' | 'containers';

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
