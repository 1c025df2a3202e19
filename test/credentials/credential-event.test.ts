import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideCredentialEvent,
  type ObservedCredential,
  type CredentialEventDecision,
  type ReportedCredential,
} from '../../src/credentials/credential-event.ts';
import type { Health } from '../../src/credentials/health.ts';
import type { ServiceStatus } from '../../src/credentials/readiness.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-22T12:00:00Z');
const HEALTHY: ServiceStatus = { kind: 'healthy' };

function failing(reason: string): ServiceStatus {
  return { kind: 'unhealthy', reason };
}

function diagnosis(health: Health, word?: ServiceStatus, troubleWithIdentity?: string): ObservedCredential {
  const destination = { bot: 'payments', namespace: 'team', output: 'db', secretName: 'tbot-db' };
  return { destination, health, status: word, identityFailure: troubleWithIdentity };
}

/** The Events of one credential, a minute between two looks. */
function story(...looks: readonly ObservedCredential[]): readonly (string | undefined)[] {
  let known: ReportedCredential | undefined;
  return looks.map((look, minute) => {
    const step: CredentialEventDecision = decideCredentialEvent(known, look, NOW + minute * MINUTE);
    known = step.reported;
    return step.event && `${step.event.reason}: ${step.event.note}`;
  });
}

describe('a credential that is well', () => {
  it('is no news', () => {
    expect(story(diagnosis('fresh'), diagnosis('fresh', HEALTHY), diagnosis('fresh'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is told of when it has come', () => {
    expect(
      story(diagnosis('never-written'), diagnosis('never-written', HEALTHY), diagnosis('fresh')),
    ).toEqual([undefined, undefined, 'CredentialReady: tbot has written Secret tbot-db of output db']);
  });

  it('is told of when it was stale', () => {
    expect(story(diagnosis('stale'), diagnosis('fresh'))).toEqual([
      'CredentialStale: Secret tbot-db of output db is not renewed: tbot has missed two renewals. ' +
        'Fix: read the log of the tbot of bot payments',
      'CredentialReady: tbot has written Secret tbot-db of output db',
    ]);
  });
});

describe('a credential that tbot cannot renew', () => {
  const denied = diagnosis('fresh', failing("access to db 'x' denied"));

  it('is told of while what is there is still good, once, until it is well again', () => {
    expect(story(diagnosis('fresh'), denied, denied, diagnosis('fresh', HEALTHY), denied)).toEqual([
      undefined,
      'CredentialFailing: tbot cannot renew Secret tbot-db of output db, and says "access to db \'x\' denied". ' +
        'What is in it stays valid until it expires. Fix: see whether what the output names exists, and whether ' +
        "the bot's roles reach it: tctl get bot/payments, tctl bots update payments --add-roles=ROLE",
      undefined,
      'CredentialReady: tbot renews Secret tbot-db of output db again',
      expect.stringMatching(/^CredentialFailing/) as string,
    ]);
  });

  it('is told of by a new leader', () => {
    expect(story(denied)).toEqual([expect.stringMatching(/^CredentialFailing/)]);
  });

  it('is not well because tbot does not answer, or restarts', () => {
    expect(story(denied, diagnosis('fresh'), diagnosis('fresh'), denied).slice(1)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is well when it was written, though tbot is not heard', () => {
    expect(story(diagnosis('never-written', failing('x')), diagnosis('fresh'))).toEqual([
      'CredentialFailing: tbot cannot write Secret tbot-db of output db, and says "x". ' +
        'Pods that ask for it wait. Fix: read the log of the tbot of bot payments',
      'CredentialReady: tbot has written Secret tbot-db of output db',
    ]);
  });

  it('may have no reason', () => {
    expect(story(diagnosis('fresh', failing('')))[0]).toContain('of output db, and gives no reason. What');
  });

  it('becomes stale with the reason', () => {
    expect(story(denied, diagnosis('stale', failing('no route to host')))[1]).toBe(
      'CredentialStale: Secret tbot-db of output db is not renewed: tbot has missed two renewals and says ' +
        '"no route to host". Fix: read the log of the tbot of bot payments',
    );
  });
});

describe('a reason', () => {
  const stale = diagnosis('stale', failing('dial tcp 10.0.0.1:443: timeout'));

  it('is told as soon as it is known', () => {
    expect(story(diagnosis('stale'), stale, diagnosis('stale'), stale)).toEqual([
      expect.not.stringContaining('says'),
      expect.stringContaining('says "dial tcp 10.0.0.1:443: timeout"'),
      undefined,
      undefined,
    ]);
  });

  it('may be tbot’s own identity, where an output does not know its own', () => {
    expect(story(diagnosis('stale', HEALTHY, 'join token not known'))[0]).toContain(
      'says of its own identity "join token not known"',
    );
    expect(story(diagnosis('stale', failing('own'), 'join token not known'))[0]).toContain('says "own"');
  });

  it('that is another one each time is told once an hour', () => {
    const words = ['alpha', 'beta', 'gamma'];
    const looks = Array.from({ length: 181 }, (_, index) =>
      diagnosis('fresh', failing(words[index % 3] ?? '')),
    );
    const told = story(...looks).flatMap((event, minute) => (event === undefined ? [] : [[minute, event]]));
    expect(told).toEqual([
      [0, expect.stringContaining('says "alpha"')],
      [55, expect.stringContaining('says "beta"')],
      [110, expect.stringContaining('says "gamma"')],
      [165, expect.stringContaining('says "alpha"')],
    ]);
  });

  it('is what tbot said last, while it is silent', () => {
    const looks = [stale, ...Array.from({ length: 60 }, () => diagnosis('stale'))];
    expect(story(...looks)[55]).toContain('says "dial tcp 10.0.0.1:443: timeout"');
  });
});

describe('a credential that stays ill', () => {
  it.each(['failing', 'stale'] as const)('is told of again before Kubernetes forgets it (%s)', (how) => {
    const word = fc.constantFrom(undefined, HEALTHY, failing('alpha'), failing('beta 1'), failing(''));
    const identity = fc.constantFrom(undefined, 'join token not known');
    const ill = fc
      .tuple(word, identity)
      .map(([said, trouble]) =>
        how === 'stale'
          ? diagnosis('stale', said, trouble)
          : diagnosis('fresh', said ?? failing('x'), trouble),
      )
      .filter(({ status: said }) => how === 'stale' || said?.kind === 'unhealthy');
    fc.assert(
      fc.property(fc.array(ill, { minLength: 1, maxLength: 400 }), (looks) => {
        const told = story(...looks).flatMap((event, minute) => (event === undefined ? [] : minute));
        expect(told[0]).toBe(0);
        const gaps = [...told, looks.length].slice(1).map((minute, index) => minute - (told[index] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(55);
        // And one more when the first reason is heard.
        expect(told.length).toBeLessThanOrEqual(2 + looks.length / 55);
      }),
    );
  });

  it('is not told of again where tbot has not been heard since, and the Secret is fresh', () => {
    const silent = Array.from({ length: 200 }, () => diagnosis('fresh'));
    const told = story(diagnosis('fresh', failing('x')), ...silent).filter((event) => event !== undefined);
    expect(told).toHaveLength(1);
  });
});

describe('what to do next', () => {
  it.each([
    ['service account did not match any allow rules', 'in its join token'],
    ['invalid audience claim (aud)', 'set teleport.clusterName'],
    ['issuer does not match', 'compare the issuer'],
    ['Apply failed with 1 conflict', '--show-managed-fields'],
    ["secrets 'x' is forbidden: User 'y' cannot get", 'RoleBinding'],
    ["database 'x' not found", 'tctl get bot/payments'],
    ['EOF', 'read the log'],
  ])('about %j', (reason, fix) => {
    expect(story(diagnosis('stale', failing(reason)))[0]).toContain(fix);
  });
});
