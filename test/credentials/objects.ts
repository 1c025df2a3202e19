import { printBinding, type ObservedBinding, type ObservedSecret } from '../../src/credentials/observed.ts';
import type { Destination, DesiredState } from '../../src/credentials/desired-state.ts';

export const NOW = Date.parse('2026-01-01T12:00:00Z');
export const MINUTE = 60_000;
export { GRACE_MS } from '../../src/credentials/actions.ts';

/** What the RoleBinding of a bot must bind. */
export function expectedBinding(bot: string): string {
  const name = `tbot-injector-bot-${bot}`;
  const subject = { kind: 'ServiceAccount', namespace: 'tbot-system', name };
  return printBinding({ kind: 'ClusterRole', name }, [subject]);
}

/** A valid Secret of output `one` of bot `a` in the namespace `team`, with `changes`. */
export function secret(changes: Partial<ObservedSecret> = {}): ObservedSecret {
  return {
    name: 'tbot-one',
    namespace: 'team',
    uid: 'secret-uid',
    resourceVersion: '7',
    createdAt: NOW - 60 * MINUTE,
    isDeleting: false,
    bot: 'a',
    orphanedAt: undefined,
    output: 'one',
    isMadeByUs: true,
    hasImmutableField: false,
    foreignManagers: [],
    writtenAt: NOW - MINUTE,
    ...changes,
  };
}

/** A valid RoleBinding of bot `a`, with `changes`. */
export function binding(changes: Partial<ObservedBinding> = {}): ObservedBinding {
  const bot = 'bot' in changes ? changes.bot : 'a';
  return {
    name: `tbot-injector-bot-${bot ?? 'a'}`,
    namespace: 'team',
    uid: 'binding-uid',
    resourceVersion: '8',
    createdAt: NOW - 60 * MINUTE,
    isDeleting: false,
    bot: 'a',
    orphanedAt: undefined,
    content: expectedBinding(bot ?? 'a'),
    ...changes,
  };
}

export function destination(changes: Partial<Destination> = {}): Destination {
  return { bot: 'a', namespace: 'team', output: 'one', secretName: 'tbot-one', ...changes };
}

/** An opted-in namespace with these destinations. */
export function optedInWith(...destinations: readonly Destination[]): DesiredState {
  return { optedIn: 'yes', destinations };
}

/** A namespace that lost its label. */
export const LOST: DesiredState = { optedIn: 'no', destinations: [] };
export const TERMINATING: DesiredState = { optedIn: 'terminating', destinations: [] };
