import { describe, expect, it } from 'vitest';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import {
  INVALID_REASONS,
  validateDestination,
  type InvalidReason,
} from '../../src/credentials/validation.ts';
import { binding, destination, expectedBinding, secret } from './objects.ts';

const judged = (seen: { secret?: ObservedSecret | undefined; binding?: ObservedBinding | undefined }) =>
  validateDestination(
    destination(),
    'secret' in seen ? seen.secret : secret(),
    'binding' in seen ? seen.binding : binding(),
    expectedBinding('a'),
  );

describe('tbot may be told of a destination', () => {
  it('when Secret and RoleBinding are as we make them', () => {
    expect(judged({})).toBeUndefined();
  });

  it('when tbot has never written it, and when it waits to be released', () => {
    expect(judged({ secret: secret({ writtenAt: undefined, orphanedAt: 1 }) })).toBeUndefined();
    expect(judged({ binding: binding({ orphanedAt: 1 }) })).toBeUndefined();
  });

  it('whatever output the Secret was of: the next pass relabels it', () => {
    expect(judged({ secret: secret({ output: 'other' }) })).toBeUndefined();
  });
});

describe('tbot is not told of a destination', () => {
  it.each<[InvalidReason, Parameters<typeof judged>[0]]>([
    ['secret-missing', { secret: undefined }],
    ['secret-not-ours', { secret: secret({ bot: undefined }) }],
    ['secret-not-ours', { secret: secret({ bot: undefined, isMadeByUs: false }) }],
    ['secret-of-other-bot', { secret: secret({ bot: 'b' }) }],
    ['secret-made-by-others', { secret: secret({ bot: 'b', isMadeByUs: false }) }],
    ['secret-made-by-others', { secret: secret({ isMadeByUs: false }) }],
    ['secret-deleting', { secret: secret({ isDeleting: true }) }],
    ['secret-deleting', { secret: secret({ isDeleting: true, bot: 'b' }) }],
    ['secret-immutable', { secret: secret({ hasImmutableField: true }) }],
    ['secret-foreign-data', { secret: secret({ foreignManagers: ['kubectl-edit'] }) }],
    ['binding-missing', { binding: undefined }],
    ['binding-missing', { binding: binding({ isDeleting: true }) }],
    ['binding-not-ours', { binding: binding({ bot: undefined }) }],
    ['binding-not-ours', { binding: binding({ bot: 'b' }) }],
    ['binding-differs', { binding: binding({ content: expectedBinding('b') }) }],
  ])('%s', (invalidReason, seen) => {
    expect(judged(seen)).toBe(invalidReason);
  });

  it('and the Secret is named first: it is what people look at', () => {
    expect(judged({ secret: undefined, binding: undefined })).toBe('secret-missing');
  });
});

describe('what people read of a flaw', () => {
  const text = (invalidReason: InvalidReason, seen?: ObservedSecret): string =>
    INVALID_REASONS[invalidReason].message(destination({ output: 'db', secretName: 'tbot-db' }), seen);
  const names = Object.keys(INVALID_REASONS) as InvalidReason[];

  it.each(names.filter((invalidReason) => !INVALID_REASONS[invalidReason].isTransient))(
    '%s: found, expected and how to mend it',
    (invalidReason) => {
      expect(text(invalidReason, secret())).toMatch(/^found .+; expected .+\. .*Fix: [a-z].+[^.]$/);
    },
  );

  it.each(names.filter((invalidReason) => INVALID_REASONS[invalidReason].isTransient))(
    '%s: what it waits for',
    (invalidReason) => {
      expect(text(invalidReason)).not.toContain('Fix:');
    },
  );

  it('names Secret, namespace and output, and who has written', () => {
    expect(text('secret-not-ours')).toContain('a Secret tbot-db that is not tbot-injector');
    expect(text('secret-not-ours')).toContain('set secretName of output db');
    expect(text('secret-immutable')).toContain('kubectl --namespace team delete secret tbot-db');
    expect(text('binding-not-ours')).toContain('bot a');
    const edited = secret({ foreignManagers: ['kubectl-edit', 'helm'] });
    expect(text('secret-foreign-data', edited)).toContain('written by kubectl-edit, helm');
    expect(text('secret-of-other-bot', secret({ bot: 'b' }))).toContain('belongs to bot b;');
  });

  it('says what it can where the Secret is gone meanwhile', () => {
    expect(text('secret-foreign-data')).toContain('found keys of Secret tbot-db');
    expect(text('secret-of-other-bot')).toContain('Secret tbot-db belongs to bot');
    expect(text('secret-of-other-bot', secret({ bot: undefined }))).toContain(
      'Secret tbot-db belongs to bot',
    );
  });
});
