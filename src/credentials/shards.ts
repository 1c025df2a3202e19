import { stableHash } from './stable-hash.ts';
import type { TbotService } from '../teleport/tbot-config.ts';

/** A ConfigMap holds 1 MiB, about 4,200 entries of the smallest kind; and tbot renews them one after the other. */
export const MAX_SERVICES = 2_000;

/** Below the limit of a ConfigMap, with room for its metadata. */
export const MAX_CONFIG_BYTES = 900_000;

/** What a shard can hold; without `sizeOf` services alone are counted. */
export interface ShardCapacity {
  readonly services: number;
  readonly bytes: number;
  readonly sizeOf: (candidate: ShardCandidate) => number;
}

const DEFAULT_CAPACITY: ShardCapacity = { services: MAX_SERVICES, bytes: MAX_CONFIG_BYTES, sizeOf: () => 0 };

/** The shard of a bot that serves a namespace: by its name, so always the same while the count stays. */
export function shardOf(namespace: string, shards: number): number {
  return stableHash(namespace) % shards;
}

/** A service, and since when its Secret has been there. */
export interface ShardCandidate extends TbotService {
  readonly createdAt: number;
}

export interface ShardAssignment {
  /** In an order that does not depend on when they came. */
  readonly assigned: readonly ShardCandidate[];
  /** Those beyond the limit: the youngest. */
  readonly waiting: readonly ShardCandidate[];
}

/** The services that one shard keeps. Who was there first stays: a new namespace takes nobody's place. */
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
