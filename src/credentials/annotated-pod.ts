import { INJECTED_RECORD } from '../annotations/table.ts';
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
  readonly isReadable: boolean;
  /** Otherwise it slipped through: it was created before its namespace opted in, or past the webhook. */
  readonly isInjected: boolean;
}

export interface PodOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Stands on pods that represent a static pod: nobody can inject those. */
const MIRROR_POD = 'kubernetes.io/config.mirror';

const ASKS = [`${PREFIX}outputs`, `${PREFIX}join`];

/** From a pod's metadata; `other`: it asks for nothing, or is going. */
export function readAnnotatedPod(object: unknown): AnnotatedPod | 'other' | undefined {
  const metadata = (object as { metadata?: RawMetadata | null } | null)?.metadata;
  const { name, namespace, uid, ownerReferences } = metadata ?? {};
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof uid !== 'string') return undefined;
  const annotations = metadata?.annotations ?? {};
  const has = (key: string): boolean => annotations[key] !== undefined;
  if (!ASKS.some(has) || has(MIRROR_POD) || metadata?.deletionTimestamp !== undefined) return 'other';
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  const parsed = parseAnnotations(annotations);
  return {
    name,
    namespace,
    uid,
    createdAt: Date.parse(metadata?.creationTimestamp ?? '') || 0,
    owner: owner && readOwner(owner),
    outputs: askedOutputs(parsed),
    isReadable: parsed.kind === 'ask' && parsed.problems.length === 0,
    isInjected: has(INJECTED_RECORD),
  };
}

function readOwner({ apiVersion, kind, name, uid }: PodOwner): PodOwner {
  return { apiVersion, kind, name, uid };
}

interface RawMetadata {
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly uid?: unknown;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly ownerReferences?: readonly (PodOwner & { readonly controller?: boolean })[] | null;
}

/** Those who make a new pod at once, and count an evicted one as nothing worse. A Job counts it as a failure. */
const REPLACING = ['ReplicaSet', 'StatefulSet', 'DaemonSet'];

/**
 * Whether an evicted pod has a successor at once that the webhook lets in and that starts, as far as its metadata show:
 * else an application which runs without its credential would not run at all. The rest shows in the first successor.
 */
export function mayBeEvicted(
  { owner, outputs, isReadable }: AnnotatedPod,
  { optedIn, destinations }: DesiredState,
  isFresh: (destination: Destination) => boolean,
): boolean {
  if (owner === undefined || !REPLACING.includes(owner.kind)) return false;
  if (optedIn !== 'yes' || !isReadable) return false;
  return outputs.every((name) => destinations.some((each) => each.output === name && isFresh(each)));
}

/**
 * Which of its credentials a pod still uses though nobody renews them any more: those that its namespace had and has no
 * longer. A namespace that is going takes its pods with it.
 */
export function lostOutputs(
  { outputs, isInjected }: AnnotatedPod,
  { optedIn, destinations }: DesiredState,
): readonly string[] {
  if (!isInjected || optedIn === 'terminating') return [];
  return outputs.filter((name) => !destinations.some(({ output }) => output === name));
}
