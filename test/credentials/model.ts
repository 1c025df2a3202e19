import type { Action, ObservedObjects } from '../../src/credentials/actions.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import { binding, expectedBinding, secret } from './objects.ts';

/** What is observed of one namespace when these actions have been done there at that time. */
export function perform(observed: ObservedObjects, actions: readonly Action[], now: number): ObservedObjects {
  const secrets = new Map(observed.secrets);
  const bindings = new Map(observed.bindings);
  const released = { orphanedAt: now };
  for (const action of actions) {
    switch (action.kind) {
      case 'apply-secret': {
        const { bot, output, secretName: name } = action.destination;
        // An apply takes labels over, and makes what is not there.
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
        if (action.of === 'secret') replace(secrets, action.object as ObservedSecret, released);
        else replace(bindings, action.object as ObservedBinding, released);
        break;
      case 'delete':
        if (action.of === 'secret') replace(secrets, action.object as ObservedSecret, undefined);
        else replace(bindings, action.object as ObservedBinding, undefined);
        break;
    }
  }
  return { secrets, bindings };
}

/** By identity: an action is about the very object that was seen. */
function replace<T extends object>(kept: Map<string, T>, object: T, change: Partial<T> | undefined): void {
  for (const [key, each] of kept) {
    if (each !== object) continue;
    if (change === undefined) kept.delete(key);
    else kept.set(key, { ...each, ...change });
    return;
  }
  throw new Error('an action on an object that nobody has seen');
}
