import { describe, expect, it } from 'vitest';
import { planActions, nextDeadline, type Action } from '../../src/credentials/actions.ts';
import type { ObservedObjects } from '../../src/credentials/observed.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import { observed, printActions, type ObservedPair } from './model.ts';
import {
  binding,
  destination,
  expectedBinding,
  GRACE_MS,
  LOST,
  MINUTE,
  NOW,
  optedInWith,
  secret,
  TERMINATING,
} from './objects.ts';

const plan = (desired: DesiredState, seen: ObservedObjects, now = NOW): readonly Action[] =>
  planActions(desired, seen, now, { graceMs: GRACE_MS, expectedBinding });

const GRANTED = optedInWith(destination());
const REVOKED = optedInWith();
const WHOLE = { secret: secret(), binding: binding() };

const plannedFor = (desired: DesiredState, seen: ObservedPair, now = NOW): readonly string[] =>
  printActions(plan(desired, observed(seen), now));

describe('a granted namespace', () => {
  it('gets the rights first, one RoleBinding a bot, and every Secret', () => {
    const desired = optedInWith(
      destination(),
      destination({ output: 'two', secretName: 'tbot-two' }),
      destination({ bot: 'b', output: 'three', secretName: 'three' }),
    );
    expect(plannedFor(desired, {})).toEqual([
      'apply-binding a',
      'apply-binding b',
      'apply-secret tbot-one',
      'apply-secret tbot-two',
      'apply-secret three',
    ]);
  });

  it('needs no action where everything is there', () => {
    expect(plannedFor(GRANTED, WHOLE)).toEqual([]);
  });

  it.each<[string, ObservedPair, readonly string[]]>([
    ['without its Secret gets it', { binding: binding() }, ['apply-secret tbot-one']],
    ['without its RoleBinding gets it', { secret: secret() }, ['apply-binding a']],
    [
      'with a Secret of another output gets its label corrected',
      { ...WHOLE, secret: secret({ output: 'old' }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with a Secret without an output label gets it corrected',
      { ...WHOLE, secret: secret({ output: undefined }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with an orphaned immutable Secret gets the orphan mark removed',
      { ...WHOLE, secret: secret({ hasImmutableField: true, orphanedAt: 1 }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with an orphaned Secret that has keys of other writers gets the mark removed as well',
      { ...WHOLE, secret: secret({ foreignManagers: ['helm'], orphanedAt: 1 }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with a Secret of another bot gets a new one, for it holds the credential of that bot',
      { ...WHOLE, secret: secret({ bot: 'b' }) },
      ['delete secret tbot-one: replaced'],
    ],
    [
      'with a RoleBinding that binds something else gets a new one',
      { ...WHOLE, binding: binding({ content: 'ClusterRole admin to User /eve' }) },
      ['delete binding tbot-injector-bot-a: replaced'],
    ],
  ])('%s', (_, seen, actions) => {
    expect(plannedFor(GRANTED, seen)).toEqual(actions);
  });

  it.each<[string, ObservedPair]>([
    ['a Secret that is not ours', { ...WHOLE, secret: secret({ bot: undefined }) }],
    [
      'a Secret with our labels that the controller did not create',
      { ...WHOLE, secret: secret({ isMadeByUs: false }) },
    ],
    [
      'one of another bot that the controller did not create',
      { ...WHOLE, secret: secret({ isMadeByUs: false, bot: 'b' }) },
    ],
    ['an immutable Secret', { ...WHOLE, secret: secret({ hasImmutableField: true }) }],
    ['a Secret with keys of other writers', { ...WHOLE, secret: secret({ foreignManagers: ['helm'] }) }],
    ['a Secret that is being deleted', { ...WHOLE, secret: secret({ isDeleting: true }) }],
    [
      'one of another bot that is being deleted',
      { ...WHOLE, secret: secret({ isDeleting: true, bot: 'b' }) },
    ],
    ['a RoleBinding that is not ours', { ...WHOLE, binding: binding({ bot: undefined }) }],
    ['a RoleBinding that is being deleted', { ...WHOLE, binding: binding({ isDeleting: true }) }],
  ])('keeps %s', (_, seen) => {
    expect(plannedFor(GRANTED, seen)).toEqual([]);
  });
});

describe('a lost label', () => {
  it('marks the objects as orphaned, and deletes none', () => {
    expect(plannedFor(LOST, WHOLE)).toEqual([
      'mark-orphaned binding tbot-injector-bot-a',
      'mark-orphaned secret tbot-one',
    ]);
  });

  const orphaned = (at: number): ObservedPair => ({
    secret: secret({ orphanedAt: at }),
    binding: binding({ orphanedAt: at }),
  });

  it('does nothing within the grace period', () => {
    expect(plannedFor(LOST, orphaned(NOW))).toEqual([]);
    expect(plannedFor(LOST, orphaned(NOW - GRACE_MS + 1))).toEqual([]);
  });

  it('that comes back removes the mark, and no credential is lost', () => {
    expect(plannedFor(GRANTED, orphaned(NOW - MINUTE))).toEqual(['apply-binding a', 'apply-secret tbot-one']);
    expect(plannedFor(GRANTED, orphaned(NOW - 9 * GRACE_MS))).toEqual([
      'apply-binding a',
      'apply-secret tbot-one',
    ]);
  });

  it('deletes after the grace period', () => {
    expect(plannedFor(LOST, orphaned(NOW - GRACE_MS))).toEqual([
      'delete binding tbot-injector-bot-a: grace-expired',
      'delete secret tbot-one: grace-expired',
    ]);
  });

  it('starts the grace period again where its time comes from a wrong clock or another writer', () => {
    const marksAgain = ['mark-orphaned binding tbot-injector-bot-a', 'mark-orphaned secret tbot-one'];
    expect(plannedFor(LOST, orphaned(NOW + GRACE_MS + 1))).toEqual(marksAgain);
    expect(plannedFor(LOST, orphaned(Date.parse('9999-12-31T00:00:00Z')))).toEqual(marksAgain);
  });

  it('keeps a time slightly in the future: two clocks differ', () => {
    expect(plannedFor(LOST, orphaned(NOW + 5_000))).toEqual([]);
  });

  it.each<[string, ObservedPair]>([
    ['a Secret of that name that is not ours', { secret: secret({ bot: undefined }) }],
    [
      'one with our labels that the controller did not create',
      { secret: secret({ isMadeByUs: false, orphanedAt: 1 }) },
    ],
    [
      'objects that are being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
    ['a RoleBinding that is not ours', { binding: binding({ bot: undefined }) }],
    ['a RoleBinding with the label of another bot', { binding: binding({ bot: 'b', orphanedAt: 1 }) }],
  ])('leaves %s', (_, seen) => {
    expect(plannedFor(LOST, seen)).toEqual([]);
    expect(nextDeadline(LOST, observed(seen), GRACE_MS)).toBeUndefined();
  });

  it('marks a Secret of ours even where another writer has changed it', () => {
    const spoilt = secret({ hasImmutableField: true, foreignManagers: ['helm'], output: undefined });
    expect(plannedFor(LOST, { secret: spoilt })).toEqual(['mark-orphaned secret tbot-one']);
  });

  it('deletes a RoleBinding that binds something else at once', () => {
    const seen = { binding: binding({ content: 'ClusterRole admin to User /eve' }) };
    expect(plannedFor(LOST, seen)).toEqual(['delete binding tbot-injector-bot-a: replaced']);
  });
});

describe('a revoked grant', () => {
  it('is deleted at once, while the namespace stays opted in', () => {
    expect(plannedFor(REVOKED, WHOLE)).toEqual([
      'delete binding tbot-injector-bot-a: revoked',
      'delete secret tbot-one: revoked',
    ]);
  });

  it('is deleted at once even within a grace period', () => {
    const seen = { secret: secret({ orphanedAt: NOW - MINUTE }) };
    expect(plannedFor(REVOKED, seen)).toEqual(['delete secret tbot-one: revoked']);
  });

  it('of one output keeps the rights for the others', () => {
    const desired = optedInWith(destination({ output: 'two', secretName: 'tbot-two' }));
    expect(plannedFor(desired, WHOLE)).toEqual(['apply-secret tbot-two', 'delete secret tbot-one: revoked']);
  });

  it.each<[string, ObservedPair]>([
    ['that is not ours', { secret: secret({ bot: undefined }), binding: binding({ bot: undefined }) }],
    ['with our labels that the controller did not create', { secret: secret({ isMadeByUs: false }) }],
    [
      'that is being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
  ])('changes nothing %s', (_, seen) => {
    expect(plannedFor(REVOKED, seen)).toEqual([]);
  });
});

describe('a terminating namespace', () => {
  it.each<[string, ObservedPair]>([
    ['empty', {}],
    ['whole', WHOLE],
    ['orphaned long ago', { secret: secret({ orphanedAt: 1 }), binding: binding({ orphanedAt: 1 }) }],
  ])('is left to Kubernetes: %s', (_, seen) => {
    expect(plannedFor(TERMINATING, seen)).toEqual([]);
    expect(nextDeadline(TERMINATING, observed(seen), GRACE_MS)).toBeUndefined();
  });
});

describe('the next deadline', () => {
  it('is the end of the first grace period', () => {
    const seen = { secret: secret({ orphanedAt: NOW }), binding: binding({ orphanedAt: NOW - MINUTE }) };
    expect(nextDeadline(LOST, observed(seen), GRACE_MS)).toBe(NOW - MINUTE + GRACE_MS);
  });

  it('does not exist where nothing is orphaned', () => {
    expect(nextDeadline(LOST, observed(WHOLE), GRACE_MS)).toBeUndefined();
  });

  it('does not exist in an opted-in namespace: orphans there are blocked or applied again', () => {
    const seen = { secret: secret({ orphanedAt: 1, isMadeByUs: false }) };
    expect(nextDeadline(GRANTED, observed(seen), GRACE_MS)).toBeUndefined();
  });
});
