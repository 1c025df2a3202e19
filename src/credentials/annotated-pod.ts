import { INJECTED_RECORD, MIRROR_POD_ANNOTATION } from '../annotations/table.ts';
import { askedOutputs, parseAnnotations } from '../annotations/parse.ts';
import { PREFIX } from '../config/opt-in.ts';
import type { Destination, DesiredState } from './desired-state.ts';

/** A pod that asks for credentials or a join token, as its metadata show it. */
export interface AnnotatedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What makes a new one when this one goes. */
  readonly owner: PodOwner | undefined;
  /** By its annotation. */
  readonly outputs: readonly string[];
  /** Its annotations say what they are to say: the webhook refuses others. */
  readonly hasValidAnnotations: boolean;
  /** Otherwise it slipped through: it was created before its namespace opted in, or past the webhook. */
  readonly isInjected: boolean;
}

export interface PodOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

const REQUEST_ANNOTATIONS = [`${PREFIX}outputs`, `${PREFIX}join`];

/** From a pod's metadata; `other`: it asks for nothing, or is going. */
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
    outputs: askedOutputs(parsed),
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

/** Those who make a new pod at once, and count an evicted one as nothing worse. A Job counts it as a failure. */
const REPLACING_KINDS = ['ReplicaSet', 'StatefulSet', 'DaemonSet'];

/**
 * Whether an evicted pod has a successor at once that the webhook lets in and that starts, as far as its metadata show:
 * else an application which runs without its credential would not run at all. The rest shows in the first successor.
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
 * Which of its credentials a pod still uses though nobody renews them any more: those that its namespace had and has no
 * longer. A namespace that is going takes its pods with it.
 */
export function revokedOutputs(
  { outputs, isInjected }: AnnotatedPod,
  { optedIn, destinations }: DesiredState,
): readonly string[] {
  if (!isInjected || optedIn === 'terminating') return [];
  return outputs.filter((name) => !destinations.some(({ output }) => output === name));
}
