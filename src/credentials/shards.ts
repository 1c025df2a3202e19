import { stableHash } from './stable-hash.ts';
import type { TbotService } from '../teleport/tbot-config.ts';

/** A ConfigMap holds about 4,200 of the smallest entries, and tbot renews them one after the other. */
export const MAX_SERVICES = 2_000;

/** Below the 1 MiB of a ConfigMap, with room for its metadata. */
export const MAX_CONFIG_BYTES = 900_000;

/** What a shard can hold. Without `sizeOf` only services are counted. */
export interface ShardCapacity {
  readonly services: number;
  readonly bytes: number;
  readonly sizeOf: (candidate: ShardCandidate) => number;
}

const DEFAULT_CAPACITY: ShardCapacity = { services: MAX_SERVICES, bytes: MAX_CONFIG_BYTES, sizeOf: () => 0 };

/** The shard of a bot that serves a namespace. It depends on the name alone, so it is stable while the count is. */
export function shardOf(namespace: string, shards: number): number {
  return stableHash(namespace) % shards;
}

export interface ShardCandidate extends TbotService {
  /** Creation of its Secret, in milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface ShardAssignment {
  /** Sorted by name, so that the order does not depend on age. */
  readonly assigned: readonly ShardCandidate[];
  /** The youngest: those beyond the capacity. */
  readonly waiting: readonly ShardCandidate[];
}

/** Assigns services to one shard, the oldest first: a new namespace never displaces another one. */
export function assignServices(
  candidates: readonly ShardCandidate[],
  capacity: Partial<ShardCapacity> = {},
): ShardAssignment {
  const { services, bytes, sizeOf } = { ...DEFAULT_CAPACITY, ...capacity };
  const byAge = candidates.toSorted((a, b) => a.createdAt - b.createdAt || byNamespaceAndOutput(a, b));
  let size = 0;
  const full = byAge.findIndex(
    (candidate, index) => index >= services || (size += sizeOf(candidate)) > bytes,
  );
  const count = full === -1 ? byAge.length : full;
  return { assigned: byAge.slice(0, count).toSorted(byNamespaceAndOutput), waiting: byAge.slice(count) };
}

function byNamespaceAndOutput(a: ShardCandidate, b: ShardCandidate): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.output < b.output ? -1 : 1;
}
