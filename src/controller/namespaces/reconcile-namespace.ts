import { planActions, nextDeadline, type Action, type ObservedObjects } from '../../credentials/actions.ts';
import { INVALID_REASONS } from '../../credentials/validation.ts';
import { stableHash } from '../../credentials/stable-hash.ts';
import type { DesiredState } from '../../credentials/desired-state.ts';
import { KubernetesError, type KubernetesErrorCode } from '../../kubernetes/error.ts';
import type { CredentialStore } from './credential-store.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import { validateDestinations } from '../tbot/shard-config.ts';

export interface NamespacePass {
  readonly namespace: string;
  readonly desired: DesiredState;
  readonly observed: ObservedObjects;
  readonly store: CredentialStore;
  readonly events: EventRecorder;
  /** By the API server's clock. */
  readonly now: Date;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  readonly graceMs: number;
  /** Whether all objects of a bot were seen; what was not is left alone. */
  readonly isSeen: (bot: string) => boolean;
}

/**
 * Does everything that is due in one namespace, and says what hinders it. Resolves to the milliseconds after which to
 * come again, for the end of a grace period or to say again what still hinders; undefined where there is neither.
 * @throws KubernetesError where something could not be done; the rest of it was done
 */
export async function passNamespace(pass: NamespacePass): Promise<number | undefined> {
  const { namespace, desired, observed, store, now, graceMs, mayWrite } = pass;
  const { expectedBinding } = store;
  const failures: unknown[] = [];
  // Two words on one Secret would each be news after the other, with every attempt.
  const told = new Set<string>();
  for (const action of planActions(desired, observed, now.getTime(), { graceMs, expectedBinding })) {
    if (!pass.isSeen(botOf(action))) continue;
    if (!mayWrite()) return undefined;
    try {
      await store.perform(action, namespace, now);
      await tellOfAction(pass, action);
    } catch (error) {
      failures.push(error);
      await tellOfRefusal(pass, action, error, told);
    }
  }
  const flaws = await tellOfInvalid(pass, told);
  if (failures.length > 0) throw failures[0];
  const deadline = nextDeadline(desired, observed, graceMs);
  if (deadline !== undefined) return Math.max(deadline - now.getTime(), 0) + 1_000;
  return flaws === 0 ? undefined : untilToldAgain(namespace);
}

/**
 * The recorder takes for news what it said fifty minutes ago, and ten minutes later Kubernetes has forgotten it. Another
 * change sets the time anew, so it must not be long; and a pass that does nothing costs nothing.
 */
const TELL_AGAIN_MS = { least: 2 * 60_000, most: 9 * 60_000 };

/** Of each namespace at another time: one upgrade may have hurt all of them at once. */
function untilToldAgain(namespace: string): number {
  const { least, most } = TELL_AGAIN_MS;
  return least + (stableHash(namespace) % (most - least));
}

async function tellOfAction({ events, namespace }: NamespacePass, action: Action): Promise<void> {
  if (action.kind !== 'delete' || action.of !== 'secret' || action.reason !== 'revoked') return;
  const { name, uid, bot = '' } = action.object;
  await events.record({
    type: 'Normal',
    reason: 'GrantRevoked',
    note:
      `bot ${bot} is granted to this namespace no longer; Secret ${name} is deleted. Certificates that were issued ` +
      `stay valid until they expire. To end them now: tctl lock --user=bot-${bot} --ttl=TTL --message="grant revoked", ` +
      "with the bot's credential_ttl as TTL, 1h by default. So long the bot gets nothing in any of its namespaces",
    regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name, uid },
  });
}

/** A quota, or a policy of somebody else's: the people of the namespace may know, and the platform's log is not theirs. */
async function tellOfRefusal(
  { events, namespace, desired, observed }: NamespacePass,
  action: Action,
  error: unknown,
  told: Set<string>,
): Promise<void> {
  if (!(error instanceof KubernetesError) || !REFUSALS.includes(error.code)) return;
  const destination =
    action.kind === 'apply-secret'
      ? action.destination
      : desired.destinations.find(({ bot }) => action.kind === 'apply-binding' && bot === action.bot);
  if (destination === undefined || told.has(destination.secretName)) return;
  const { output, bot, secretName } = destination;
  const { uid } = observed.secrets.get(secretName) ?? {};
  told.add(secretName);
  await events.record({
    type: 'Warning',
    reason: 'CredentialBlocked',
    note: `output ${output} of bot ${bot} cannot be set up in ${namespace}, and is tried again: ${error.message}`,
    regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid },
  });
}

const REFUSALS: readonly KubernetesErrorCode[] = ['forbidden', 'rejected'];

/** Of what will not mend itself; resolves to how many there are of it. */
async function tellOfInvalid(
  { events, namespace, desired, observed, store, isSeen }: NamespacePass,
  told: ReadonlySet<string>,
): Promise<number> {
  let flaws = 0;
  for (const { destination, invalidReason } of validateDestinations(
    desired,
    observed,
    store.expectedBinding,
  )) {
    if (
      invalidReason === undefined ||
      INVALID_REASONS[invalidReason].isTransient ||
      told.has(destination.secretName)
    )
      continue;
    if (!isSeen(destination.bot)) continue;
    flaws++;
    const { secretName, bot, output } = destination;
    const secret = observed.secrets.get(secretName);
    const what = INVALID_REASONS[invalidReason].message(destination, secret);
    await events.record({
      type: 'Warning',
      reason: 'CredentialBlocked',
      note: `output ${output} of bot ${bot} is not renewed in ${namespace}: ${what}`,
      regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid: secret?.uid },
    });
  }
  return flaws;
}

function botOf(action: Action): string {
  if (action.kind === 'apply-secret') return action.destination.bot;
  return (action.kind === 'apply-binding' ? action.bot : action.object.bot) ?? '';
}
