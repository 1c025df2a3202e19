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

  it('is fresh as long as tbot may still be trying', () => {
    expect(healthOf(NOW - 44 * MINUTE, usual, NOW)).toBe('fresh');
    expect(healthOf(NOW - 46 * MINUTE, usual, NOW)).toBe('stale');
    expect(healthOf(undefined, usual, NOW)).toBe('never-written');
  });

  it('goes by what its bot says of lifetime and renewal', () => {
    const short = readLifetime({ credential_ttl: '10m', renewal_interval: '4m' });
    expect(short).toEqual({ ttlMs: 10 * MINUTE, renewalMs: 4 * MINUTE });
    expect(healthOf(NOW - 11 * MINUTE, short, NOW)).toBe('stale');
    const long = readLifetime({ credential_ttl: '24h', renewal_interval: '6h' });
    expect(healthOf(NOW - 12 * 60 * MINUTE, long, NOW)).toBe('fresh');
  });

  it('is fresh by the configuration of its bot, or not at all', () => {
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

  it('goes by what its output says, where that says something', () => {
    const bot = { credential_ttl: '10m', renewal_interval: '4m' };
    expect(readLifetime(bot, { type: 'identity' })).toEqual(readLifetime(bot));
    const own = readLifetime(bot, { credential_ttl: '2h', renewal_interval: '30m' });
    expect(own).toEqual({ ttlMs: 120 * MINUTE, renewalMs: 30 * MINUTE });
  });

  it('that lives for no time is always stale: a configuration with such a one is refused', () => {
    const none = readLifetime({ credential_ttl: 'soon', renewal_interval: 7 });
    expect(none).toEqual({ ttlMs: 0, renewalMs: 20 * MINUTE });
    expect(healthOf(NOW - 1, none, NOW)).toBe('stale');
  });

  it('is never stale before its time on a clock that was set back', () => {
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

  it('names what is wrong, and nothing else', () => {
    expect(JSON.parse(printStatus(checkups))).toEqual({
      neverWritten: { a: ['one'], b: ['one'] },
      stale: { b: ['two'] },
    });
  });

  it('is the same in whatever order credentials come', () => {
    expect(printStatus(checkups.toReversed())).toBe(printStatus(checkups));
  });

  it('is read as it was printed', () => {
    expect(readStatus(printStatus(checkups))).toEqual({
      neverWritten: { a: ['one'], b: ['one'] },
      stale: { b: ['two'] },
    });
  });

  it.each(['', 'null', '[]', '{"neverWritten": 1, "stale": {"a": "x"}}', '{', '"x"'])(
    'says nothing where it is %s',
    (text) => {
      expect(readStatus(text)).toEqual({ neverWritten: {}, stale: {} });
    },
  );

  it('keeps names that are no names out', () => {
    expect(readStatus('{"neverWritten": {"a": ["one", 2]}}')).toEqual({
      neverWritten: { a: ['one'] },
      stale: {},
    });
  });

  it('stays small enough for a ConfigMap, whatever has happened', () => {
    const many = Array.from({ length: 30_000 }, (_, index) =>
      checkup(`${'n'.repeat(57)}-${String(index).padStart(5, '0')}`, 'o'.repeat(51), 'never-written'),
    );
    const text = printStatus(many);
    expect(text.length).toBeLessThan(1_000_000);
    expect(text.length).toBeGreaterThan(800_000);
  });
});
