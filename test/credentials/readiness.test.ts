import { describe, expect, it } from 'vitest';
import {
  MAX_READYZ_BYTES,
  readServiceStatuses,
  identityFailure,
  serviceStatusOf,
  type TbotReadiness,
} from '../../src/credentials/readiness.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

function answer(services: unknown): string {
  return JSON.stringify({ status: 'unhealthy', services }, undefined, 2);
}

function reasonOf(reason: unknown): string | undefined {
  const status = readServiceStatuses(answer({ 'a+one': { status: 'unhealthy', reason } }))?.get('a+one');
  return status?.kind === 'unhealthy' ? status.reason : undefined;
}

describe('the answer of a tbot', () => {
  it('has the status of every service that has run', () => {
    const statuses = readServiceStatuses(
      answer({
        'a+one': { status: 'healthy', updated_at: '2026-11-22T12:00:00Z' },
        'a+two': { status: 'unhealthy', reason: 'access denied', updated_at: null },
        'a+three': { status: 'initializing', updated_at: null },
        'a+four': null,
        'a+five': 'healthy',
        __proto__: { status: 'healthy' },
      }),
    );
    expect(statuses).toEqual(
      new Map([
        ['a+one', { kind: 'healthy' }],
        ['a+two', { kind: 'unhealthy', reason: 'access denied' }],
      ]),
    );
  });

  it.each([
    '',
    'OK',
    'null',
    '1',
    '"services"',
    '[]',
    '{}',
    '{"services":null}',
    '{"services":[]}',
    '{"services":1}',
  ])('is not read where it is %s', (text) => {
    expect(readServiceStatuses(text)).toBeUndefined();
  });

  it.each([
    ['nested', '['.repeat(MAX_READYZ_BYTES / 2) + ']'.repeat(MAX_READYZ_BYTES / 2)],
    ['full of lists', `[${'[],'.repeat(MAX_READYZ_BYTES / 3)}[]]`],
    ['full of names', `{"services":{${'"":{},'.repeat(MAX_READYZ_BYTES / 7)}"":{}}}`],
  ])('is not even parsed where it is %s', (_, text) => {
    const began = performance.now();
    expect(readServiceStatuses(text)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('may have all services of a full shard, each with a long reason', () => {
    const reason = 'access to "db" denied, '.repeat(70);
    const names = Array.from(
      { length: 2_000 },
      (_, index) => `a-namespace-of-some-length-${index}+an-output`,
    );
    const text = answer(Object.fromEntries(names.map((name) => [name, { status: 'unhealthy', reason }])));
    expect(text.length).toBeLessThan(MAX_READYZ_BYTES);
    expect(readServiceStatuses(text)?.size).toBe(2_000);
  });
});

describe('a reason', () => {
  it('becomes one line', () => {
    expect(reasonOf('failed\n\tto renew:\u001B[31m denied\u2028\u202E\u200B\uD800.')).toBe(
      'failed to renew: [31m denied',
    );
  });

  it('has no quotation mark that would end its quotation', () => {
    expect(reasonOf('role "a" missing". Fix: "curl')).toBe("role 'a' missing'. Fix: 'curl");
  });

  it('is cut between two characters', () => {
    expect(reasonOf('😀'.repeat(300))).toBe('😀'.repeat(300));
    expect(reasonOf('😀'.repeat(301))).toBe(`${'😀'.repeat(300)}…`);
    expect(reasonOf('a '.repeat(1e6))).toHaveLength(301);
  });

  it('has no token or key in it', () => {
    const token = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(400)}.${'y-_'.repeat(100)}`;
    expect(reasonOf(`token ${token} refused`)).toBe('token eyJhbGciOiJSUzI1NiJ9.….… refused');
  });

  it.each([undefined, null, 7, {}, ''])('is empty where it is %s', (reason) => {
    expect(reasonOf(reason)).toBe('');
  });
});

describe('the status of one credential', () => {
  const statuses = readServiceStatuses(
    answer({
      'a+one': { status: 'unhealthy', reason: 'denied' },
      'a+two': { status: 'healthy' },
      identity: { status: 'unhealthy', reason: 'no way to Teleport' },
    }),
  );
  const readiness: TbotReadiness = { askedAt: NOW, statuses: statuses ?? new Map() };
  const one = { namespace: 'a', output: 'one' };

  it('is found by the service name in tbot.yaml', () => {
    expect(serviceStatusOf(one, readiness, undefined)).toEqual({ kind: 'unhealthy', reason: 'denied' });
    expect(serviceStatusOf({ namespace: 'a', output: 'two' }, readiness, NOW)).toEqual({ kind: 'healthy' });
    expect(serviceStatusOf({ namespace: 'b', output: 'one' }, readiness, undefined)).toBeUndefined();
    expect(serviceStatusOf(one, undefined, undefined)).toBeUndefined();
  });

  it('is ignored where tbot has written since', () => {
    expect(serviceStatusOf(one, readiness, NOW - 60_000)).toMatchObject({ kind: 'unhealthy' });
    expect(serviceStatusOf(one, readiness, NOW - 5_000)).toBeUndefined();
    expect(serviceStatusOf(one, readiness, NOW + 5_000)).toBeUndefined();
  });

  it('does not include a failure of the own identity of tbot', () => {
    expect(identityFailure(readiness)).toBe('no way to Teleport');
    expect(
      identityFailure({ askedAt: NOW, statuses: new Map([['identity', { kind: 'healthy' }]]) }),
    ).toBeUndefined();
    expect(identityFailure(undefined)).toBeUndefined();
  });
});
