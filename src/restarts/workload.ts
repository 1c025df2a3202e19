import { askedOutputs, parseAnnotations, type ParsedAsk } from '../annotations/parse.ts';
import { RESTART_EVERY, RESTARTABLE_KINDS, type RestartableKind } from '../annotations/table.ts';
import { entries, field } from '../config/raw.ts';

export type { RestartableKind };

/** What can be restarted, and how its collection is called. */
export const RESTARTABLE_RESOURCES: readonly { readonly kind: RestartableKind; readonly resource: string }[] =
  RESTARTABLE_KINDS.map((kind) => ({ kind, resource: `${kind.toLowerCase()}s` }));

/** Where `kubectl rollout restart` writes the time, so that one by hand counts as well. */
export const ROLLOUT_RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** A workload that asks to be restarted: what of it decides when. */
export interface RestartableWorkload {
  readonly kind: RestartableKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** As it stands in the annotation. */
  readonly every: unknown;
  /** What its pods ask for. */
  readonly ask: ParsedAsk;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The last restart, as the pod template records it; undefined: none yet. */
  readonly restartedAt: number | undefined;
  /** A rollout would not begin, and kubectl refuses as well. */
  readonly isPaused: boolean;
  /** It is scaled to nothing, or there is no node for it: nobody has an old credential. */
  readonly hasNoPods: boolean;
  /** New pods come only where somebody deletes the old ones. */
  readonly waitsForDeletion: boolean;
}

/** Whether this is an object that can be restarted, by its apiVersion and kind. */
export function restartableKind(object: unknown): RestartableKind | undefined {
  const kind = RESTARTABLE_KINDS.find((each) => each === field(object, 'kind'));
  return field(object, 'apiVersion') === 'apps/v1' ? kind : undefined;
}

/** undefined: it does not ask, or is being deleted. Objects in lists do not say their kind. */
export function readWorkload(object: unknown, kind: RestartableKind): RestartableWorkload | undefined {
  const metadata = field(object, 'metadata');
  const every = field(field(metadata, 'annotations'), RESTART_EVERY);
  if (every === undefined || field(metadata, 'deletionTimestamp') !== undefined) return undefined;
  const spec = field(object, 'spec');
  const ofPods = field(field(field(spec, 'template'), 'metadata'), 'annotations');
  return {
    kind,
    namespace: text(field(metadata, 'namespace')),
    name: text(field(metadata, 'name')),
    uid: text(field(metadata, 'uid')),
    resourceVersion: text(field(metadata, 'resourceVersion')),
    every,
    ask: parseAnnotations(Object.fromEntries(entries(ofPods))),
    createdAt: time(field(metadata, 'creationTimestamp')) ?? 0,
    restartedAt: time(field(ofPods, ROLLOUT_RESTARTED_AT)),
    isPaused: field(spec, 'paused') === true,
    hasNoPods: hasNoPods(object, kind),
    waitsForDeletion: field(field(spec, 'updateStrategy'), 'type') === 'OnDelete',
  };
}

/** Of the object, at the API server. */
export function pathOf({
  kind,
  namespace,
  name,
}: Pick<RestartableWorkload, 'kind' | 'namespace' | 'name'>): string {
  return `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
}

/** Outputs that its pods ask for. */
export function outputsOf({ ask }: Pick<RestartableWorkload, 'ask'>): readonly string[] {
  return askedOutputs(ask);
}

function hasNoPods(object: unknown, kind: RestartableKind): boolean {
  if (kind !== 'DaemonSet') return field(field(object, 'spec'), 'replicas') === 0;
  const status = field(object, 'status');
  // Before its controller has seen it, it says 0 as well.
  return field(status, 'observedGeneration') !== undefined && field(status, 'desiredNumberScheduled') === 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function time(value: unknown): number | undefined {
  const ms = Date.parse(text(value));
  return Number.isNaN(ms) ? undefined : ms;
}
