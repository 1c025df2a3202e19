import { nextDeadline, planActions, type Action } from '../../credentials/actions.ts';
import type { ConsumerNamespace, DesiredState, Destination } from '../../credentials/desired-state.ts';
import type { ObservedObjects } from '../../credentials/observed.ts';
import { stableHash } from '../../credentials/stable-hash.ts';
import { INVALID_REASONS, validateDestinations } from '../../credentials/validation.ts';
import { isRefusal } from '../../kubernetes/error.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import type { Reconciler, Result } from '../runtime/reconciler.ts';
import type { CredentialStore } from './credential-store.ts';
import { eventOnAction, eventOnInvalid, eventOnRefusal } from './namespace-events.ts';

export interface NamespaceReconcilerOptions {
  readonly cluster: Pick<
    ClusterCache,
    'namespace' | 'namespaces' | 'observed' | 'hasSynced' | 'onChange' | 'whenSynced'
  >;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly store: CredentialStore;
  readonly events: EventRecorder;
  /** By the API server's clock. */
  readonly now: () => Date;
  readonly graceMs: number;
}

/** Times a minute that one namespace is written to: people mend less often, and loops of programs much more. */
const MAX_WRITES = 10;

/** Keeps Secrets and RoleBindings of each namespace: one that cannot be reconciled holds up no other. */
export function createNamespaceReconciler(options: NamespaceReconcilerOptions): Reconciler {
  const { cluster, desiredStateOf, now } = options;
  return {
    name: 'namespaces',
    concurrency: 8,
    failureLevel: 'warn',
    maxWritesPerMinute: MAX_WRITES,
    whenSynced: () => cluster.whenSynced(),
    start: (queue) => {
      cluster.onChange((namespace) => {
        queue.add(namespace);
      });
      for (const { name } of cluster.namespaces()) queue.add(name);
    },
    reconcile: async (name) => {
      const namespace = cluster.namespace(name);
      if (namespace === undefined) return {};
      return reconcileNamespace({
        ...options,
        namespace: name,
        desired: desiredStateOf(namespace),
        observed: cluster.observed(name),
        hasSynced: (bot) => cluster.hasSynced(bot),
        now: now(),
      });
    },
  };
}

export interface NamespacePass {
  readonly namespace: string;
  readonly desired: DesiredState;
  readonly observed: ObservedObjects;
  readonly store: CredentialStore;
  readonly events: EventRecorder;
  /** By the API server's clock. */
  readonly now: Date;
  readonly graceMs: number;
  /** Whether all objects of a bot were seen; what was not is left alone. */
  readonly hasSynced: (bot: string) => boolean;
}

/**
 * Does everything that is due in one namespace, and says what is in the way. The namespace comes again at the end of a
 * grace period, or to say again what still is in the way.
 * @throws KubernetesError where something could not be done; the rest of it was done
 */
export async function reconcileNamespace(pass: NamespacePass): Promise<Result> {
  const { namespace, desired, observed, store, now, graceMs, events } = pass;
  const { expectedBinding } = store;
  // Two Events on one Secret would each be news after the other, with every attempt.
  const blocked = new Set<string>();
  const failures: unknown[] = [];
  const actions = planActions(desired, observed, now.getTime(), { graceMs, expectedBinding });
  const due = actions.filter((action) => pass.hasSynced(botOf(action)));
  for (const action of due) {
    try {
      await store.perform(action, namespace, now);
      const event = eventOnAction(action, namespace);
      if (event !== undefined) await events.record(event);
    } catch (error) {
      failures.push(error);
      await recordRefusal(pass, action, error, blocked);
    }
  }
  const invalid = await recordInvalid(pass, blocked);
  if (failures.length > 0) throw failures[0];
  const writes = due.length > 0 ? 1 : 0;
  const deadline = nextDeadline(desired, observed, graceMs);
  if (deadline !== undefined)
    return { writes, requeueAfterMs: Math.max(deadline - now.getTime(), 0) + 1_000 };
  return { writes, requeueAfterMs: invalid === 0 ? undefined : untilRecordedAgain(namespace) };
}

/**
 * Kubernetes forgets an Event after an hour, and the recorder records it again after fifty minutes: so the namespace comes
 * again within the ten minutes between. Any change postpones this time, and a pass that does nothing costs nothing.
 */
const RECORD_AGAIN_MS = { least: 2 * 60_000, most: 9 * 60_000 };

/** Of each namespace at another time: one upgrade may have hurt all of them at once. */
function untilRecordedAgain(namespace: string): number {
  const { least, most } = RECORD_AGAIN_MS;
  return least + (stableHash(namespace) % (most - least));
}

async function recordRefusal(
  { events, desired, observed }: NamespacePass,
  action: Action,
  error: unknown,
  blocked: Set<string>,
): Promise<void> {
  if (!isRefusal(error)) return;
  const destination = destinationOf(action, desired);
  if (destination === undefined || blocked.has(destination.secretName)) return;
  blocked.add(destination.secretName);
  const secret = observed.secrets.get(destination.secretName);
  await events.record(eventOnRefusal(destination, secret, error.message));
}

function destinationOf(action: Action, { destinations }: DesiredState): Destination | undefined {
  if (action.kind === 'apply-secret') return action.destination;
  return destinations.find(({ bot }) => action.kind === 'apply-binding' && bot === action.bot);
}

/** Resolves to how many destinations are invalid and will not mend themselves. */
async function recordInvalid(
  { events, desired, observed, store, hasSynced }: NamespacePass,
  blocked: ReadonlySet<string>,
): Promise<number> {
  let count = 0;
  for (const { destination, invalidReason } of validateDestinations(
    desired,
    observed,
    store.expectedBinding,
  )) {
    if (invalidReason === undefined || INVALID_REASONS[invalidReason].isTransient) continue;
    if (blocked.has(destination.secretName) || !hasSynced(destination.bot)) continue;
    count++;
    const secret = observed.secrets.get(destination.secretName);
    await events.record(eventOnInvalid(destination, secret, invalidReason));
  }
  return count;
}

function botOf(action: Action): string {
  if (action.kind === 'apply-secret') return action.destination.bot;
  return (action.kind === 'apply-binding' ? action.bot : action.object.bot) ?? '';
}
