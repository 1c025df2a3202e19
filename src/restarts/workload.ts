import { outputNames, parseAnnotations, type ParsedAsk } from '../annotations/parse.ts';
import { RESTART_EVERY, RESTARTABLE_KINDS, type RestartableKind } from '../annotations/table.ts';
import { entries, field } from '../config/raw.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { parseDuration } from '../teleport/duration.ts';

export type { RestartableKind };

/** The kinds that can be restarted, with the plural names of their resources. */
export const RESTARTABLE_RESOURCES: readonly { readonly kind: RestartableKind; readonly resource: string }[] =
  RESTARTABLE_KINDS.map((kind) => ({ kind, resource: `${kind.toLowerCase()}s` }));

/** `kubectl rollout restart` writes the time into this annotation, so a restart by a user counts as well. */
export const ROLLOUT_RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** A workload that asks to be restarted, with what decides when. */
export interface RestartableWorkload {
  readonly kind: RestartableKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The value of the annotation. */
  readonly every: unknown;
  /** What its pod template asks for. */
  readonly ask: ParsedAsk;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The last restart in the pod template, in milliseconds since the epoch; undefined: none yet. */
  readonly restartedAt: number | undefined;
  /** A rollout would not start; kubectl refuses it too. */
  readonly isPaused: boolean;
  /** It is scaled to zero or has no node, so no pod has an old credential. */
  readonly hasNoPods: boolean;
  /** Its update strategy is OnDelete: new pods come only after a user deletes the old ones. */
  readonly updatesOnDelete: boolean;
}

/** The kind of an object that can be restarted; undefined: it cannot. */
export function restartableKind(object: unknown): RestartableKind | undefined {
  const kind = RESTARTABLE_KINDS.find((each) => each === field(object, 'kind'));
  return field(object, 'apiVersion') === 'apps/v1' ? kind : undefined;
}

/**
 * Reads a workload that asks to be restarted; undefined: it does not, or it is being deleted.
 * @param kind given, for objects in a list have no kind
 */
export function readWorkload(object: unknown, kind: RestartableKind): RestartableWorkload | undefined {
  const metadata = field(object, 'metadata');
  const every = field(field(metadata, 'annotations'), RESTART_EVERY);
  if (every === undefined || field(metadata, 'deletionTimestamp') !== undefined) return undefined;
  const spec = field(object, 'spec');
  const podAnnotations = field(field(field(spec, 'template'), 'metadata'), 'annotations');
  return {
    kind,
    namespace: textOf(field(metadata, 'namespace')),
    name: textOf(field(metadata, 'name')),
    uid: textOf(field(metadata, 'uid')),
    resourceVersion: textOf(field(metadata, 'resourceVersion')),
    every,
    ask: parseAnnotations(Object.fromEntries(entries(podAnnotations))),
    createdAt: timeOf(field(metadata, 'creationTimestamp')) ?? 0,
    restartedAt: timeOf(field(podAnnotations, ROLLOUT_RESTARTED_AT)),
    isPaused: field(spec, 'paused') === true,
    hasNoPods: hasNoPods(object, kind),
    updatesOnDelete: field(field(spec, 'updateStrategy'), 'type') === 'OnDelete',
  };
}

/** The path of the object at the API server. */
export function workloadPath({
  kind,
  namespace,
  name,
}: Pick<RestartableWorkload, 'kind' | 'namespace' | 'name'>): string {
  return `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
}

/** Names of the outputs that its pods ask for. */
export function requestedOutputs({ ask }: Pick<RestartableWorkload, 'ask'>): readonly string[] {
  return outputNames(ask);
}

const HOUR_MS = 3_600_000;

/** A workload that needs restarts more often than this needs another solution. */
export const MIN_INTERVAL_MS = 12 * HOUR_MS;

/** No credential lives longer. */
const MAX_INTERVAL_MS = 8760 * HOUR_MS;

export type ParsedInterval =
  | { readonly kind: 'interval'; readonly ms: number }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Parses the value of the annotation that asks for restarts. */
export function parseInterval(value: unknown): ParsedInterval {
  const seconds = typeof value === 'string' ? parseDuration(value.trim()) : undefined;
  const ms = (seconds ?? 0) * 1000;
  if (ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS) return { kind: 'interval', ms };
  return {
    kind: 'problem',
    problem: {
      code: 'wrong-interval',
      where: RESTART_EVERY,
      found: quote(value),
      expected: 'a duration from 12h to 8760h, such as 20h',
      fix: 'write "20h", or remove it where the program notices renewed credentials by itself',
    },
  };
}

function hasNoPods(object: unknown, kind: RestartableKind): boolean {
  if (kind !== 'DaemonSet') return field(field(object, 'spec'), 'replicas') === 0;
  const status = field(object, 'status');
  // It is 0 too before the DaemonSet controller has observed the object.
  return field(status, 'observedGeneration') !== undefined && field(status, 'desiredNumberScheduled') === 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function timeOf(value: unknown): number | undefined {
  const ms = Date.parse(textOf(value));
  return Number.isNaN(ms) ? undefined : ms;
}
