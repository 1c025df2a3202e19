import { describe, expect, it } from 'vitest';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import {
  INVALID_REASONS,
  validateDestination,
  type InvalidReason,
} from '../../src/credentials/validation.ts';
import { binding, destination, expectedBinding, secret } from './objects.ts';

const validate = (seen: { secret?: ObservedSecret | undefined; binding?: ObservedBinding | undefined }) =>
  validateDestination(
    destination(),
    'secret' in seen ? seen.secret : secret(),
    'binding' in seen ? seen.binding : binding(),
    expectedBinding('a'),
  );

describe('a destination is valid', () => {
  it('when Secret and RoleBinding are as the controller creates them', () => {
    expect(validate({})).toBeUndefined();
  });

  it('when tbot has never written it, and when it is orphaned', () => {
    expect(validate({ secret: secret({ writtenAt: undefined, orphanedAt: 1 }) })).toBeUndefined();
    expect(validate({ binding: binding({ orphanedAt: 1 }) })).toBeUndefined();
  });

  it('with the label of another output: the next reconcile corrects it', () => {
    expect(validate({ secret: secret({ output: 'other' }) })).toBeUndefined();
  });
});

describe('a destination is invalid', () => {
  it.each<[InvalidReason, Parameters<typeof validate>[0]]>([
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
    expect(validate(seen)).toBe(invalidReason);
  });

  it('and the reason names the Secret first, for that is what users look at', () => {
    expect(validate({ secret: undefined, binding: undefined })).toBe('secret-missing');
  });
});

describe('the message of an invalid reason', () => {
  const text = (invalidReason: InvalidReason, seen?: ObservedSecret): string =>
    INVALID_REASONS[invalidReason].message(destination({ output: 'db', secretName: 'tbot-db' }), seen);
  const names = Object.keys(INVALID_REASONS) as InvalidReason[];

  it.each(names.filter((invalidReason) => !INVALID_REASONS[invalidReason].isTransient))(
    '%s: found, expected and the fix',
    (invalidReason) => {
      expect(text(invalidReason, secret())).toMatch(/^found .+; expected .+\. .*Fix: [a-z].+[^.]$/);
    },
  );

  it.each(names.filter((invalidReason) => INVALID_REASONS[invalidReason].isTransient))(
    '%s: has no fix, for it is transient',
    (invalidReason) => {
      expect(text(invalidReason)).not.toContain('Fix:');
    },
  );

  it('names Secret, namespace, output and other field managers', () => {
    expect(text('secret-not-ours')).toContain('a Secret tbot-db that is not tbot-injector');
    expect(text('secret-not-ours')).toContain('set secretName of output db');
    expect(text('secret-immutable')).toContain('kubectl --namespace team delete secret tbot-db');
    expect(text('binding-not-ours')).toContain('bot a');
    const edited = secret({ foreignManagers: ['kubectl-edit', 'helm'] });
    expect(text('secret-foreign-data', edited)).toContain('written by kubectl-edit, helm');
    expect(text('secret-of-other-bot', secret({ bot: 'b' }))).toContain('belongs to bot b;');
  });

  it('is complete where the Secret is gone meanwhile', () => {
    expect(text('secret-foreign-data')).toContain('found keys of Secret tbot-db');
    expect(text('secret-of-other-bot')).toContain('Secret tbot-db belongs to bot');
    expect(text('secret-of-other-bot', secret({ bot: undefined }))).toContain(
      'Secret tbot-db belongs to bot',
    );
  });
});
