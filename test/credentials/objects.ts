import { printGrants, type ObservedBinding, type ObservedSecret } from '../../src/credentials/observed.ts';
import type { Destination, Wanted } from '../../src/credentials/wanted.ts';

export const NOW = Date.parse('2026-01-01T12:00:00Z');
export const MINUTE = 60_000;
export const GRACE_MS = 10 * MINUTE;

/** What the RoleBinding of a bot is to grant. */
export function grantsOf(bot: string): string {
  const name = `tbot-injector-bot-${bot}`;
  const subject = { kind: 'ServiceAccount', namespace: 'tbot-system', name };
  return printGrants({ kind: 'ClusterRole', name }, [subject]);
}

/** A sound Secret of output `one` of bot `a` in the namespace `team`, but for `changes`. */
export function secret(changes: Partial<ObservedSecret> = {}): ObservedSecret {
  return {
    name: 'tbot-one',
    namespace: 'team',
    uid: 'secret-uid',
    resourceVersion: '7',
    createdAt: NOW - 60 * MINUTE,
    isDeleting: false,
    bot: 'a',
    releasedAt: undefined,
    output: 'one',
    isMadeByUs: true,
    mentionsImmutable: false,
    foreignManagers: [],
    writtenAt: NOW - MINUTE,
    ...changes,
  };
}

/** A sound RoleBinding of bot `a`, but for `changes`. */
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
    releasedAt: undefined,
    grants: grantsOf(bot ?? 'a'),
    ...changes,
  };
}

export function destination(changes: Partial<Destination> = {}): Destination {
  return { bot: 'a', namespace: 'team', output: 'one', secretName: 'tbot-one', ...changes };
}

/** An opted-in namespace with these destinations. */
export function wanting(...destinations: readonly Destination[]): Wanted {
  return { optedIn: 'yes', destinations };
}
