import type { Action } from '../../src/credentials/actions.ts';
import type { ObservedObjects } from '../../src/credentials/observed.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import { binding, expectedBinding, secret } from './objects.ts';

export interface ObservedPair {
  readonly secret?: ObservedSecret;
  readonly binding?: ObservedBinding;
}

/** One namespace with at most the Secret of output `one` and the RoleBinding of bot `a`. */
export function observed(seen: ObservedPair): ObservedObjects {
  return {
    secrets: new Map(seen.secret === undefined ? [] : [['tbot-one', seen.secret]]),
    bindings: new Map(seen.binding === undefined ? [] : [['a', seen.binding]]),
  };
}

/** Prints actions as `apply-binding a` or `delete secret tbot-one: revoked`. */
export function printActions(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case 'apply-secret':
        return `${action.kind} ${action.destination.secretName}`;
      case 'apply-binding':
        return `${action.kind} ${action.bot}`;
      case 'mark-orphaned':
        return `${action.kind} ${action.of} ${action.object.name}`;
      case 'delete':
        return `${action.kind} ${action.of} ${action.object.name}: ${action.reason}`;
    }
  });
}

/** The observed objects of one namespace after these actions were done at that time. */
export function perform(observed: ObservedObjects, actions: readonly Action[], now: number): ObservedObjects {
  const secrets = new Map(observed.secrets);
  const bindings = new Map(observed.bindings);
  const orphaned = { orphanedAt: now };
  for (const action of actions) {
    switch (action.kind) {
      case 'apply-secret': {
        const { bot, output, secretName: name } = action.destination;
        // A server-side apply takes over labels, and creates a missing object.
        const before = secrets.get(name) ?? secret({ name, createdAt: now, writtenAt: undefined });
        secrets.set(name, { ...before, bot, output, orphanedAt: undefined });
        break;
      }
      case 'apply-binding': {
        const { bot } = action;
        const before = bindings.get(bot) ?? binding({ bot });
        bindings.set(bot, { ...before, bot, content: expectedBinding(bot), orphanedAt: undefined });
        break;
      }
      case 'mark-orphaned':
        if (action.of === 'secret') replace(secrets, action.object as ObservedSecret, orphaned);
        else replace(bindings, action.object as ObservedBinding, orphaned);
        break;
      case 'delete':
        if (action.of === 'secret') replace(secrets, action.object as ObservedSecret, undefined);
        else replace(bindings, action.object as ObservedBinding, undefined);
        break;
    }
  }
  return { secrets, bindings };
}

/** Finds the object by identity: an action names the very object that was observed. */
function replace<T extends object>(objects: Map<string, T>, object: T, change: Partial<T> | undefined): void {
  for (const [key, each] of objects) {
    if (each !== object) continue;
    if (change === undefined) objects.delete(key);
    else objects.set(key, { ...each, ...change });
    return;
  }
  throw new Error('an action on an object that was not observed');
}
