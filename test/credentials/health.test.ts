import { describe, expect, it } from 'vitest';
import {
  readLifetime,
  healthOf,
  isFresh,
  printStatus,
  readStatus,
  type CredentialHealth,
} from '../../src/credentials/health.ts';
import { bot, platform } from '../grants/platform.ts';

const MINUTE = 60_000;
const TEN_MINUTES = { credential_ttl: '10m', renewal_interval: '4m' };
const NOW = Date.parse('2026-11-22T12:00:00Z');

const checkup = (
  namespace: string,
  output: string,
  health: CredentialHealth['health'],
): CredentialHealth => ({
  destination: { bot: 'b', namespace, output, secretName: `tbot-${output}` },
  health,
});

describe('a credential', () => {
  const usual = readLifetime({});

  it('is fresh as long as tbot may still be retrying', () => {
    expect(healthOf(NOW - 44 * MINUTE, usual, NOW)).toBe('fresh');
    expect(healthOf(NOW - 46 * MINUTE, usual, NOW)).toBe('stale');
    expect(healthOf(undefined, usual, NOW)).toBe('never-written');
  });

  it('has the lifetime and renewal interval of its bot', () => {
    const short = readLifetime({ credential_ttl: '10m', renewal_interval: '4m' });
    expect(short).toEqual({ ttlMs: 10 * MINUTE, renewalMs: 4 * MINUTE });
    expect(healthOf(NOW - 11 * MINUTE, short, NOW)).toBe('stale');
    const long = readLifetime({ credential_ttl: '24h', renewal_interval: '6h' });
    expect(healthOf(NOW - 12 * 60 * MINUTE, long, NOW)).toBe('fresh');
  });

  it('is fresh only where its bot and output are configured', () => {
    const outputs = {
      db: { tbot: { type: 'identity' } },
      own: { tbot: { type: 'identity', ...TEN_MINUTES } },
    };
    const { bots } = platform({ b: bot({ names: ['team'] }, outputs) });
    const secret = { writtenAt: NOW - 20 * MINUTE };
    const of = (output: string, name = 'b') => ({ bot: name, namespace: 'team', output, secretName: 's' });
    expect(isFresh(of('db'), secret, bots, NOW)).toBe(true);
    expect(isFresh(of('own'), secret, bots, NOW)).toBe(false);
    expect(isFresh(of('db'), undefined, bots, NOW)).toBe(false);
    expect(isFresh(of('gone'), secret, bots, NOW)).toBe(false);
    expect(isFresh(of('db', 'gone'), secret, bots, NOW)).toBe(false);
  });

  it('has the lifetime of its output where that sets one', () => {
    const bot = { credential_ttl: '10m', renewal_interval: '4m' };
    expect(readLifetime(bot, { type: 'identity' })).toEqual(readLifetime(bot));
    const own = readLifetime(bot, { credential_ttl: '2h', renewal_interval: '30m' });
    expect(own).toEqual({ ttlMs: 120 * MINUTE, renewalMs: 30 * MINUTE });
  });

  it('with a lifetime of zero is always stale: the configuration refuses such a value', () => {
    const none = readLifetime({ credential_ttl: 'soon', renewal_interval: 7 });
    expect(none).toEqual({ ttlMs: 0, renewalMs: 20 * MINUTE });
    expect(healthOf(NOW - 1, none, NOW)).toBe('stale');
  });

  it('is not stale where the clock was set back', () => {
    expect(healthOf(NOW + 60 * MINUTE, usual, NOW)).toBe('fresh');
  });
});

describe('the status', () => {
  const checkups = [
    checkup('b', 'two', 'stale'),
    checkup('b', 'one', 'never-written'),
    checkup('a', 'one', 'never-written'),
    checkup('a', 'two', 'fresh'),
  ];

  it('names the credentials that are not fresh, and no others', () => {
    expect(JSON.parse(printStatus(checkups))).toEqual({
      neverWritten: { a: ['one'], b: ['one'] },
      stale: { b: ['two'] },
    });
  });

  it('does not depend on the order of the credentials', () => {
    expect(printStatus(checkups.toReversed())).toBe(printStatus(checkups));
  });

  it('reads back as it was printed', () => {
    expect(readStatus(printStatus(checkups))).toEqual({
      neverWritten: { a: ['one'], b: ['one'] },
      stale: { b: ['two'] },
    });
  });

  it.each(['', 'null', '[]', '{"neverWritten": 1, "stale": {"a": "x"}}', '{', '"x"'])(
    'is empty where the text is %s',
    (text) => {
      expect(readStatus(text)).toEqual({ neverWritten: {}, stale: {} });
    },
  );

  it('ignores names that are not strings', () => {
    expect(readStatus('{"neverWritten": {"a": ["one", 2]}}')).toEqual({
      neverWritten: { a: ['one'] },
      stale: {},
    });
  });

  it('stays small enough for a ConfigMap', () => {
    const many = Array.from({ length: 30_000 }, (_, index) =>
      checkup(`${'n'.repeat(57)}-${String(index).padStart(5, '0')}`, 'o'.repeat(51), 'never-written'),
    );
    const text = printStatus(many);
    expect(text.length).toBeLessThan(1_000_000);
    expect(text.length).toBeGreaterThan(800_000);
  });
});
