import { describe, expect, it } from 'vitest';
import {
  planActions,
  nextDeadline,
  type Action,
  type ObservedObjects,
} from '../../src/credentials/actions.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import { binding, destination, GRACE_MS, expectedBinding, MINUTE, NOW, secret, wanting } from './objects.ts';

interface Seen {
  readonly secret?: ObservedSecret;
  readonly binding?: ObservedBinding;
}

function observed(seen: Seen): ObservedObjects {
  return {
    secrets: new Map(seen.secret === undefined ? [] : [['tbot-one', seen.secret]]),
    bindings: new Map(seen.binding === undefined ? [] : [['a', seen.binding]]),
  };
}

const decide = (desired: DesiredState, seen: ObservedObjects, now = NOW): readonly Action[] =>
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
        return `${action.kind} ${action.of} ${action.object.name}: ${action.why}`;
    }
  });
}

const WANTED = wanting(destination());
const REVOKED = wanting();
const LOST: DesiredState = { optedIn: 'no', destinations: [] };
const TERMINATING: DesiredState = { optedIn: 'terminating', destinations: [] };
const WHOLE = { secret: secret(), binding: binding() };

const whatHappens = (desired: DesiredState, seen: Seen, now = NOW): readonly string[] =>
  print(decide(desired, observed(seen), now));

describe('a granted namespace', () => {
  it('gets the rights first, one RoleBinding a bot, and every Secret', () => {
    const desired = wanting(
      destination(),
      destination({ output: 'two', secretName: 'tbot-two' }),
      destination({ bot: 'b', output: 'three', secretName: 'three' }),
    );
    expect(whatHappens(desired, {})).toEqual([
      'apply-binding a',
      'apply-binding b',
      'apply-secret tbot-one',
      'apply-secret tbot-two',
      'apply-secret three',
    ]);
  });

  it('is left alone where everything is there', () => {
    expect(whatHappens(WANTED, WHOLE)).toEqual([]);
  });

  it.each<[string, Seen, readonly string[]]>([
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
      { ...WHOLE, secret: secret({ mentionsImmutable: true, orphanedAt: 1 }) },
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
    expect(whatHappens(WANTED, seen)).toEqual(actions);
  });

  it.each<[string, Seen]>([
    ['a Secret that is not ours', { ...WHOLE, secret: secret({ bot: undefined }) }],
    ['a Secret with our labels that we did not make', { ...WHOLE, secret: secret({ isMadeByUs: false }) }],
    [
      'one of another bot that we did not make',
      { ...WHOLE, secret: secret({ isMadeByUs: false, bot: 'b' }) },
    ],
    ['an immutable Secret', { ...WHOLE, secret: secret({ mentionsImmutable: true }) }],
    ['a Secret with keys of others', { ...WHOLE, secret: secret({ foreignManagers: ['helm'] }) }],
    ['a Secret that is being deleted', { ...WHOLE, secret: secret({ isDeleting: true }) }],
    [
      'one of another bot that is being deleted',
      { ...WHOLE, secret: secret({ isDeleting: true, bot: 'b' }) },
    ],
    ['a RoleBinding that is not ours', { ...WHOLE, binding: binding({ bot: undefined }) }],
    ['a RoleBinding that is being deleted', { ...WHOLE, binding: binding({ isDeleting: true }) }],
  ])('keeps %s', (_, seen) => {
    expect(whatHappens(WANTED, seen)).toEqual([]);
  });
});

describe('a lost label', () => {
  it('releases what was made, and takes nothing away', () => {
    expect(whatHappens(LOST, WHOLE)).toEqual([
      'mark-orphaned binding tbot-injector-bot-a',
      'mark-orphaned secret tbot-one',
    ]);
  });

  const released = (at: number): Seen => ({
    secret: secret({ orphanedAt: at }),
    binding: binding({ orphanedAt: at }),
  });

  it('does nothing within the grace period', () => {
    expect(whatHappens(LOST, released(NOW))).toEqual([]);
    expect(whatHappens(LOST, released(NOW - GRACE_MS + 1))).toEqual([]);
  });

  it('that comes back is forgotten, and nobody has lost a credential', () => {
    expect(whatHappens(WANTED, released(NOW - MINUTE))).toEqual(['apply-binding a', 'apply-secret tbot-one']);
    expect(whatHappens(WANTED, released(NOW - 9 * GRACE_MS))).toEqual([
      'apply-binding a',
      'apply-secret tbot-one',
    ]);
  });

  it('deletes after the grace period', () => {
    expect(whatHappens(LOST, released(NOW - GRACE_MS))).toEqual([
      'delete binding tbot-injector-bot-a: grace-over',
      'delete secret tbot-one: grace-over',
    ]);
  });

  it('that came from a wrong clock, or from somebody else, is begun anew', () => {
    const anew = ['mark-orphaned binding tbot-injector-bot-a', 'mark-orphaned secret tbot-one'];
    expect(whatHappens(LOST, released(NOW + GRACE_MS + 1))).toEqual(anew);
    expect(whatHappens(LOST, released(Date.parse('9999-12-31T00:00:00Z')))).toEqual(anew);
  });

  it('a little ahead is two clocks that differ', () => {
    expect(whatHappens(LOST, released(NOW + 5_000))).toEqual([]);
  });

  it.each<[string, Seen]>([
    ['a Secret of that name that is not ours', { secret: secret({ bot: undefined }) }],
    ['one with our labels that we did not make', { secret: secret({ isMadeByUs: false, orphanedAt: 1 }) }],
    [
      'what is being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
    ['a RoleBinding that is not ours', { binding: binding({ bot: undefined }) }],
    ['a RoleBinding that says to be of another bot', { binding: binding({ bot: 'b', orphanedAt: 1 }) }],
  ])('leaves %s', (_, seen) => {
    expect(whatHappens(LOST, seen)).toEqual([]);
    expect(nextDeadline(LOST, observed(seen), GRACE_MS)).toBeUndefined();
  });

  it('releases ours whatever somebody has done to it', () => {
    const spoilt = secret({ mentionsImmutable: true, foreignManagers: ['helm'], output: undefined });
    expect(whatHappens(LOST, { secret: spoilt })).toEqual(['mark-orphaned secret tbot-one']);
  });

  it('takes away at once what grants something else than we had granted', () => {
    const seen = { binding: binding({ content: 'ClusterRole admin to User /eve' }) };
    expect(whatHappens(LOST, seen)).toEqual(['delete binding tbot-injector-bot-a: replaced']);
  });
});

describe('a revoked grant', () => {
  it('is deleted at once, while the namespace stays opted in', () => {
    expect(whatHappens(REVOKED, WHOLE)).toEqual([
      'delete binding tbot-injector-bot-a: revoked',
      'delete secret tbot-one: revoked',
    ]);
  });

  it('is deleted at once though a grace period ran', () => {
    const seen = { secret: secret({ orphanedAt: NOW - MINUTE }) };
    expect(whatHappens(REVOKED, seen)).toEqual(['delete secret tbot-one: revoked']);
  });

  it('of one output leaves the rights for the others', () => {
    const desired = wanting(destination({ output: 'two', secretName: 'tbot-two' }));
    expect(whatHappens(desired, WHOLE)).toEqual(['apply-secret tbot-two', 'delete secret tbot-one: revoked']);
  });

  it.each<[string, Seen]>([
    ['that is not ours', { secret: secret({ bot: undefined }), binding: binding({ bot: undefined }) }],
    ['with our labels that we did not make', { secret: secret({ isMadeByUs: false }) }],
    [
      'that is being deleted',
      { secret: secret({ isDeleting: true }), binding: binding({ isDeleting: true }) },
    ],
  ])('touches nothing %s', (_, seen) => {
    expect(whatHappens(REVOKED, seen)).toEqual([]);
  });
});

describe('a terminating namespace', () => {
  it.each<[string, Seen]>([
    ['empty', {}],
    ['whole', WHOLE],
    ['released long ago', { secret: secret({ orphanedAt: 1 }), binding: binding({ orphanedAt: 1 }) }],
  ])('is left to Kubernetes: %s', (_, seen) => {
    expect(whatHappens(TERMINATING, seen)).toEqual([]);
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
    expect(nextDeadline(WANTED, observed(seen), GRACE_MS)).toBeUndefined();
  });
});
