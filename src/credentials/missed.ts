import { INJECTED_RECORD } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';

/** A pod that asks for credentials and was not injected: it was created before its namespace opted in, or past the webhook. */
export interface MissedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What makes a new one when this one goes. */
  readonly owner: PodOwner | undefined;
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

/** From a pod's metadata; `well`: there is nothing to say about it. */
export function readMissedPod(object: unknown): MissedPod | 'well' | undefined {
  const metadata = (object as { metadata?: RawMetadata | null } | null)?.metadata;
  const { name, namespace, uid, annotations, ownerReferences } = metadata ?? {};
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof uid !== 'string') return undefined;
  const has = (key: string): boolean => annotations?.[key] !== undefined;
  if (!ASKS.some(has) || has(INJECTED_RECORD) || has(MIRROR_POD)) return 'well';
  if (metadata?.deletionTimestamp !== undefined) return 'well';
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  const createdAt = Date.parse(metadata?.creationTimestamp ?? '') || 0;
  return { name, namespace, uid, createdAt, owner: owner && readOwner(owner) };
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

export function mayBeEvicted({ owner }: MissedPod): boolean {
  return owner !== undefined && REPLACING.includes(owner.kind);
}
