import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './error.ts';
import type { LeaseRecord } from './lease.ts';
import { resourceVersionOf } from './list.ts';

/** A Lease as it was read; `version` is undefined where there is none. */
export interface StoredLease {
  readonly record: LeaseRecord | undefined;
  readonly version: string | undefined;
}

export interface LeaseStore {
  /** @throws KubernetesError */
  read(): Promise<StoredLease>;
  /**
   * Writes where the Lease is still of `version`, and creates it where there is none.
   * @throws KubernetesError `conflict` where another replica was faster
   */
  write(record: LeaseRecord, version: string | undefined): Promise<StoredLease>;
}

/** A call that takes longer would eat up the time that is left to renew. */
const TIMEOUT_MS = 4_000;

/** One Lease of coordination.k8s.io/v1. Only merged patches: whatever else is in the object stays. */
export function createLeaseStore(client: KubernetesClient, namespace: string, name: string): LeaseStore {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  const options = { timeoutMs: TIMEOUT_MS };
  const gone = (): KubernetesError =>
    new KubernetesError('conflict', `PATCH ${path}: 404, the Lease or its namespace is gone`, {
      status: 404,
    });

  /** By apply and not by POST: an account can be given this right for one name only. */
  const create = async (): Promise<string | undefined> => {
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    const answer = await client.patchJson(path, { kind: 'apply', body }, options);
    if (answer.kind === 'not-found') throw gone();
    const { record, version } = readLease(answer.body);
    if (record === undefined) return version;
    throw new KubernetesError('conflict', `PATCH ${path}: another replica has created the Lease`);
  };

  return {
    read: async () => {
      const answer = await client.getJson(path, options);
      return answer.kind === 'ok' ? readLease(answer.body) : { record: undefined, version: undefined };
    },
    write: async (record, version) => {
      const resourceVersion = version ?? (await create());
      const body = { metadata: { resourceVersion }, spec: printSpec(record) };
      const answer = await client.patchJson(path, { kind: 'merge', body }, options);
      if (answer.kind === 'not-found') throw gone();
      return readLease(answer.body);
    },
  };
}

interface Spec {
  readonly holderIdentity?: unknown;
  readonly leaseDurationSeconds?: unknown;
  readonly acquireTime?: unknown;
  readonly renewTime?: unknown;
  readonly leaseTransitions?: unknown;
}

function readLease(object: unknown): StoredLease {
  const spec = (object as { spec?: Spec | null } | null)?.spec;
  const version = resourceVersionOf(object);
  if (spec === undefined || spec === null || typeof spec.holderIdentity !== 'string') {
    return { record: undefined, version };
  }
  const record = {
    holder: spec.holderIdentity,
    durationMs: whole(spec.leaseDurationSeconds) * 1_000,
    acquiredAt: text(spec.acquireTime),
    renewedAt: text(spec.renewTime),
    transitions: whole(spec.leaseTransitions),
  };
  return { record, version };
}

function printSpec(record: LeaseRecord): Spec {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: Math.round(record.durationMs / 1_000),
    acquireTime: microTime(record.acquiredAt),
    renewTime: microTime(record.renewedAt),
    leaseTransitions: record.transitions,
  };
}

/** The type MicroTime wants six digits, and JavaScript's dates have three. */
function microTime(time: string): string | null {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString().replace('Z', '000Z');
}

function whole(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
