import { PREFIX } from '../config/opt-in.ts';

/*
 * What a pod may ask for. Parsing, validation, suggestions, `explain` and docs/annotations.md all use this table.
 */

/** The webhook writes this record for users and tools, and never trusts it. */
export const INJECTED_RECORD = `${PREFIX}injected`;

/** The kubelet puts it on pods that represent a static pod: those cannot be injected, for they may not reference Secrets. */
export const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';

/** On a workload itself, not on its pod template: asks for restarts at this interval. */
export const RESTART_EVERY = `${PREFIX}restart-every`;

/** The kinds that can be restarted. */
export const RESTARTABLE_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type RestartableKind = (typeof RESTARTABLE_KINDS)[number];

/** The items of an annotation's list: names, or names with an optional path. */
export interface ListShape {
  readonly names: 'output' | 'container' | 'ConfigMap';
  readonly paths: boolean;
  /** The most items; undefined: the general limit. */
  readonly max?: number;
}

/** The documentation of an annotation. */
export interface AnnotationText {
  /** The key without {@link PREFIX}. */
  readonly key: string;
  readonly value: string;
  /** The behaviour without the annotation. */
  readonly absent: string;
  readonly doc: string;
  readonly example: string;
  readonly since: string;
}

/** An annotation of pods. */
export interface Annotation extends AnnotationText {
  readonly key: 'outputs' | 'containers' | 'join' | 'tbot-config';
  readonly shape: ListShape;
}

export const ANNOTATIONS: readonly Annotation[] = [
  {
    key: 'outputs',
    value: 'names of outputs, each with an optional =/path, separated by commas',
    shape: { names: 'output', paths: true },
    absent: 'no output is mounted',
    doc:
      'Mounts the Secrets of these outputs read-only (volume tbot-output-<name>) and sets the environment ' +
      'variables by which tools find them. A container starts once its credential is complete.',
    example: 'payments-db, ssh=/etc/teleport/ssh',
    since: '0.1.0',
  },
  {
    key: 'containers',
    value: 'names of containers or init containers, separated by commas',
    shape: { names: 'container', paths: false },
    absent: 'all containers and init containers but injection.ignoreContainers',
    doc: 'Chooses the containers that get the outputs.',
    example: 'app, migrate',
    since: '0.1.0',
  },
  {
    key: 'join',
    value: 'names of the containers that run tbot, separated by commas',
    shape: { names: 'container', paths: false },
    absent: 'no container gets a join token',
    doc:
      'Gives these containers the projected service account token that joins Teleport (volume join-sa-token at ' +
      '/var/run/secrets/tokens), POD_NAMESPACE and KUBERNETES_TOKEN_PATH.',
    example: 'tbot',
    since: '0.1.0',
  },
  {
    key: 'tbot-config',
    value: 'the name of a ConfigMap, with an optional =/path',
    shape: { names: 'ConfigMap', paths: true, max: 1 },
    absent: 'no configuration is mounted',
    doc: 'Mounts this ConfigMap read-only (volume tbot-config) at /config, or at the path, in the containers named by join.',
    example: 'tbot-config',
    since: '0.1.0',
  },
];

/** Annotations of a workload itself; src/restarts reads them. */
export const WORKLOAD_ANNOTATIONS: readonly AnnotationText[] = [
  {
    key: RESTART_EVERY.slice(PREFIX.length),
    value: 'a duration of at least 12h, such as 20h',
    absent: 'nothing restarts the workload',
    doc:
      'Restarts this Deployment, StatefulSet or DaemonSet so often, as kubectl rollout restart does, where the platform ' +
      'has switched that on: for programs that read a credential at their start alone. Every output that its pods ask ' +
      'for must have a credential_ttl of at least this and a renewal_interval.',
    example: '20h',
    since: '0.1.0',
  },
];
