import { INJECTED_RECORD, MIRROR_POD_ANNOTATION } from '../annotations/table.ts';
import { outputNames, parseAnnotations } from '../annotations/parse.ts';
import { PREFIX } from '../config/opt-in.ts';
import type { Destination, DesiredState } from './desired-state.ts';

/** A pod that asks for credentials or a join token, by its metadata. */
export interface AnnotatedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The controller that creates a new pod when this one goes. */
  readonly owner: PodOwner | undefined;
  /** Names in its annotation. */
  readonly outputs: readonly string[];
  /** The webhook refuses a pod with invalid annotations. */
  readonly hasValidAnnotations: boolean;
  /** False for a pod that was created before its namespace opted in, or without the webhook. */
  readonly isInjected: boolean;
}

export interface PodOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

const REQUEST_ANNOTATIONS = [`${PREFIX}outputs`, `${PREFIX}join`];

/** Reads a pod's metadata. `other`: the pod asks for nothing, or is being deleted; undefined: it is no pod. */
export function readAnnotatedPod(object: unknown): AnnotatedPod | 'other' | undefined {
  const metadata = (object as { metadata?: RawPodMetadata | null } | null)?.metadata;
  const { name, namespace, uid, ownerReferences } = metadata ?? {};
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof uid !== 'string') return undefined;
  const annotations = metadata?.annotations ?? {};
  const has = (key: string): boolean => annotations[key] !== undefined;
  if (
    !REQUEST_ANNOTATIONS.some(has) ||
    has(MIRROR_POD_ANNOTATION) ||
    metadata?.deletionTimestamp !== undefined
  )
    return 'other';
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  const parsed = parseAnnotations(annotations);
  return {
    name,
    namespace,
    uid,
    createdAt: Date.parse(metadata?.creationTimestamp ?? '') || 0,
    owner: owner && readOwner(owner),
    outputs: outputNames(parsed),
    hasValidAnnotations: parsed.kind === 'ask' && parsed.problems.length === 0,
    isInjected: has(INJECTED_RECORD),
  };
}

function readOwner({ apiVersion, kind, name, uid }: PodOwner): PodOwner {
  return { apiVersion, kind, name, uid };
}

interface RawPodMetadata {
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly uid?: unknown;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly ownerReferences?: readonly (PodOwner & { readonly controller?: boolean })[] | null;
}

/** Owners that create a new pod at once. A Job does too, but counts an evicted pod as a failure. */
const REPLACING_KINDS = ['ReplicaSet', 'StatefulSet', 'DaemonSet'];

/**
 * Whether a replacement of an evicted pod is created at once, admitted by the webhook, and starts. Otherwise an
 * application that runs without its credential would not run at all. Metadata cannot prove this: the first replacement
 * of an owner shows the rest.
 */
export function mayBeEvicted(
  { owner, outputs, hasValidAnnotations: hasValidAnnotations }: AnnotatedPod,
  { optedIn, destinations }: DesiredState,
  isFresh: (destination: Destination) => boolean,
): boolean {
  if (owner === undefined || !REPLACING_KINDS.includes(owner.kind)) return false;
  if (optedIn !== 'yes' || !hasValidAnnotations) return false;
  return outputs.every((name) => destinations.some((each) => each.output === name && isFresh(each)));
}

/**
 * Outputs that a pod was injected with and that its namespace no longer has, so tbot does not renew them. None in a
 * terminating namespace: its pods end with it.
 */
export function revokedOutputs(
  { outputs, isInjected }: AnnotatedPod,
  { optedIn, destinations }: DesiredState,
): readonly string[] {
  if (!isInjected || optedIn === 'terminating') return [];
  return outputs.filter((name) => !destinations.some(({ output }) => output === name));
}
