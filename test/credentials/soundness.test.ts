import { describe, expect, it } from 'vitest';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import { FLAWS, flawOf, type Flaw } from '../../src/credentials/soundness.ts';
import { binding, destination, grantsOf, secret } from './objects.ts';

const judged = (seen: { secret?: ObservedSecret | undefined; binding?: ObservedBinding | undefined }) =>
  flawOf(
    destination(),
    'secret' in seen ? seen.secret : secret(),
    'binding' in seen ? seen.binding : binding(),
    grantsOf('a'),
  );

describe('tbot may be told of a destination', () => {
  it('when Secret and RoleBinding are as we make them', () => {
    expect(judged({})).toBeUndefined();
  });

  it('when tbot has never written it, and when it waits to be released', () => {
    expect(judged({ secret: secret({ writtenAt: undefined, releasedAt: 1 }) })).toBeUndefined();
    expect(judged({ binding: binding({ releasedAt: 1 }) })).toBeUndefined();
  });

  it('whatever output the Secret was of: the next pass relabels it', () => {
    expect(judged({ secret: secret({ output: 'other' }) })).toBeUndefined();
  });
});

describe('tbot is not told of a destination', () => {
  it.each<[Flaw, Parameters<typeof judged>[0]]>([
    ['secret-missing', { secret: undefined }],
    ['secret-not-ours', { secret: secret({ bot: undefined }) }],
    ['secret-not-ours', { secret: secret({ bot: undefined, isMadeByUs: false }) }],
    ['secret-of-other-bot', { secret: secret({ bot: 'b' }) }],
    ['secret-made-by-others', { secret: secret({ bot: 'b', isMadeByUs: false }) }],
    ['secret-made-by-others', { secret: secret({ isMadeByUs: false }) }],
    ['secret-deleting', { secret: secret({ isDeleting: true }) }],
    ['secret-deleting', { secret: secret({ isDeleting: true, bot: 'b' }) }],
    ['secret-immutable', { secret: secret({ mentionsImmutable: true }) }],
    ['secret-foreign-data', { secret: secret({ foreignManagers: ['kubectl-edit'] }) }],
    ['binding-missing', { binding: undefined }],
    ['binding-missing', { binding: binding({ isDeleting: true }) }],
    ['binding-not-ours', { binding: binding({ bot: undefined }) }],
    ['binding-not-ours', { binding: binding({ bot: 'b' }) }],
    ['binding-differs', { binding: binding({ grants: grantsOf('b') }) }],
  ])('%s', (flaw, seen) => {
    expect(judged(seen)).toBe(flaw);
  });

  it('and the Secret is named first: it is what people look at', () => {
    expect(judged({ secret: undefined, binding: undefined })).toBe('secret-missing');
  });
});

describe('what people read of a flaw', () => {
  const text = (flaw: Flaw, seen?: ObservedSecret): string =>
    FLAWS[flaw].say(destination({ output: 'db', secretName: 'tbot-db' }), seen);
  const names = Object.keys(FLAWS) as Flaw[];

  it.each(names.filter((flaw) => !FLAWS[flaw].passes))('%s: found, expected and how to mend it', (flaw) => {
    expect(text(flaw, secret())).toMatch(/^found .+; expected .+\. .*Fix: [a-z].+[^.]$/);
  });

  it.each(names.filter((flaw) => FLAWS[flaw].passes))('%s: what it waits for', (flaw) => {
    expect(text(flaw)).not.toContain('Fix:');
  });

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
