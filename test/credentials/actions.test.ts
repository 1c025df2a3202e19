import { describe, expect, it } from 'vitest';
import {
  planActions,
  nextDeadline,
  type Action,
  type ObservedObjects,
} from '../../src/credentials/actions.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import {
  binding,
  destination,
  GRACE_MS,
  expectedBinding,
  MINUTE,
  NOW,
  secret,
  optedInWith,
} from './objects.ts';

interface ObservedPair {
  readonly secret?: ObservedSecret;
  readonly binding?: ObservedBinding;
}

function observed(seen: ObservedPair): ObservedObjects {
  return {
    secrets: new Map(seen.secret === undefined ? [] : [['tbot-one', seen.secret]]),
    bindings: new Map(seen.binding === undefined ? [] : [['a', seen.binding]]),
  };
}

const plan = (desired: DesiredState, seen: ObservedObjects, now = NOW): readonly Action[] =>
  planActions(desired, seen, now, { graceMs: GRACE_MS, expectedBinding });

/** As `apply-binding a`, `delete secret tbot-one: revoked`. */
function print(actions: readonly Action[]): readonly string[] {
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

const GRANTED = optedInWith(destination());
const REVOKED = optedInWith();
const LOST: DesiredState = { optedIn: 'no', destinations: [] };
const TERMINATING: DesiredState = { optedIn: 'terminating', destinations: [] };
const WHOLE = { secret: secret(), binding: binding() };

const plannedFor = (desired: DesiredState, seen: ObservedPair, now = NOW): readonly string[] =>
  print(plan(desired, observed(seen), now));

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

  it('is left alone where everything is there', () => {
    expect(plannedFor(GRANTED, WHOLE)).toEqual([]);
  });

  it.each<[string, ObservedPair, readonly string[]]>([
    ['without its Secret gets it', { binding: binding() }, ['apply-secret tbot-one']],
    ['without its RoleBinding gets it', { secret: secret() }, ['apply-binding a']],
    [
      'with a Secret of another output gets the label put right',
      { ...WHOLE, secret: secret({ output: 'old' }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with a Secret whose output nobody knows as well',
      { ...WHOLE, secret: secret({ output: undefined }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with an immutable Secret that was released gets that forgotten',
      { ...WHOLE, secret: secret({ hasImmutableField: true, orphanedAt: 1 }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with keys of others in a Secret that was released as well',
      { ...WHOLE, secret: secret({ foreignManagers: ['helm'], orphanedAt: 1 }) },
      ['apply-secret tbot-one'],
    ],
    [
      'with a Secret that another bot had gets a new one, for its rights are in it',
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
    ['a Secret with our labels that we did not make', { ...WHOLE, secret: secret({ isMadeByUs: false }) }],
    [
      'one of another bot that we did not make',
      { ...WHOLE, secret: secret({ isMadeByUs: false, bot: 'b' }) },
    ],
    ['an immutable Secret', { ...WHOLE, secret: secret({ hasImmutableField: true }) }],
    ['a Secret with keys of others', { ...WHOLE, secret: secret({ foreignManagers: ['helm'] }) }],
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
  it('releases what was made, and takes nothing away', () => {
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

  it('that comes back is forgotten, and nobody has lost a credential', () => {
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

  it('that came from a wrong clock, or from somebody else, is begun anew', () => {
    const anew = ['mark-orphaned binding tbot-injector-bot-a', 'mark-orphaned secret tbot-one'];
    expect(plannedFor(LOST, orphaned(NOW + GRACE_MS + 1))).toEqual(anew);
    expect(plannedFor(LOST, orphaned(Date.parse('9999-12-31T00:00:00Z')))).toEqual(anew);
  });

  it('a little ahead is two clocks that differ', () => {
    expect(plannedFor(LOST, orphaned(NOW + 5_000))).toEqual([]);
  });

  it.each<[string, ObservedPair]>([
    ['a Secret of that name that is not ours', { secret: secret({ bot: undefined }) }],
    ['one with our labels that we did not make', { secret: secret({ isMadeByUs: false, orphanedAt: 1 }) }],
    [
      'what is being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
    ['a RoleBinding that is not ours', { binding: binding({ bot: undefined }) }],
    ['a RoleBinding that says to be of another bot', { binding: binding({ bot: 'b', orphanedAt: 1 }) }],
  ])('leaves %s', (_, seen) => {
    expect(plannedFor(LOST, seen)).toEqual([]);
    expect(nextDeadline(LOST, observed(seen), GRACE_MS)).toBeUndefined();
  });

  it('releases ours whatever somebody has done to it', () => {
    const spoilt = secret({ hasImmutableField: true, foreignManagers: ['helm'], output: undefined });
    expect(plannedFor(LOST, { secret: spoilt })).toEqual(['mark-orphaned secret tbot-one']);
  });

  it('takes away at once what grants something else than we had granted', () => {
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

  it('is deleted at once though a grace period ran', () => {
    const seen = { secret: secret({ orphanedAt: NOW - MINUTE }) };
    expect(plannedFor(REVOKED, seen)).toEqual(['delete secret tbot-one: revoked']);
  });

  it('of one output leaves the rights for the others', () => {
    const desired = optedInWith(destination({ output: 'two', secretName: 'tbot-two' }));
    expect(plannedFor(desired, WHOLE)).toEqual(['apply-secret tbot-two', 'delete secret tbot-one: revoked']);
  });

  it.each<[string, ObservedPair]>([
    ['that is not ours', { secret: secret({ bot: undefined }), binding: binding({ bot: undefined }) }],
    ['with our labels that we did not make', { secret: secret({ isMadeByUs: false }) }],
    [
      'that is being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
  ])('touches nothing %s', (_, seen) => {
    expect(plannedFor(REVOKED, seen)).toEqual([]);
  });
});

describe('a terminating namespace', () => {
  it.each<[string, ObservedPair]>([
    ['empty', {}],
    ['whole', WHOLE],
    ['released long ago', { secret: secret({ orphanedAt: 1 }), binding: binding({ orphanedAt: 1 }) }],
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

  it('is none where nothing was released', () => {
    expect(nextDeadline(LOST, observed(WHOLE), GRACE_MS)).toBeUndefined();
  });

  it('is none in a namespace that is opted in: what was released there is blocked or applied', () => {
    const seen = { secret: secret({ orphanedAt: 1, isMadeByUs: false }) };
    expect(nextDeadline(GRANTED, observed(seen), GRACE_MS)).toBeUndefined();
  });
});
