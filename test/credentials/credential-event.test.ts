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

function observe(health: Health, status?: ServiceStatus, identityFailure?: string): ObservedCredential {
  const destination = { bot: 'payments', namespace: 'team', output: 'db', secretName: 'tbot-db' };
  return { destination, health, status, identityFailure };
}

/** The Events of one credential that is checked every minute. */
function eventsOf(...checks: readonly ObservedCredential[]): readonly (string | undefined)[] {
  let known: ReportedCredential | undefined;
  return checks.map((check, minute) => {
    const step: CredentialEventDecision = decideCredentialEvent(known, check, NOW + minute * MINUTE);
    known = step.reported;
    return step.event && `${step.event.reason}: ${step.event.note}`;
  });
}

describe('a ready credential', () => {
  it('has no Event', () => {
    expect(eventsOf(observe('fresh'), observe('fresh', HEALTHY), observe('fresh'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has an Event when it was written first', () => {
    expect(eventsOf(observe('never-written'), observe('never-written', HEALTHY), observe('fresh'))).toEqual([
      undefined,
      undefined,
      'CredentialReady: tbot has written Secret tbot-db of output db',
    ]);
  });

  it('has an Event when it was stale', () => {
    expect(eventsOf(observe('stale'), observe('fresh'))).toEqual([
      'CredentialStale: Secret tbot-db of output db is not renewed: tbot has missed two renewals. ' +
        'Fix: read the log of the tbot of bot payments',
      'CredentialReady: tbot has written Secret tbot-db of output db',
    ]);
  });
});

describe('a credential that tbot cannot renew', () => {
  const denied = observe('fresh', failing("access to db 'x' denied"));

  it('has one Event while the old one is still valid, until it is ready again', () => {
    expect(eventsOf(observe('fresh'), denied, denied, observe('fresh', HEALTHY), denied)).toEqual([
      undefined,
      'CredentialFailing: tbot cannot renew Secret tbot-db of output db, and says "access to db \'x\' denied". ' +
        'What is in it stays valid until it expires. Fix: see whether what the output names exists, and whether ' +
        "the bot's roles reach it: tctl get bot/payments, tctl bots update payments --add-roles=ROLE",
      undefined,
      'CredentialReady: tbot renews Secret tbot-db of output db again',
      expect.stringMatching(/^CredentialFailing/) as string,
    ]);
  });

  it('has an Event from a new leader', () => {
    expect(eventsOf(denied)).toEqual([expect.stringMatching(/^CredentialFailing/)]);
  });

  it('is not ready because tbot does not answer, or restarts', () => {
    expect(eventsOf(denied, observe('fresh'), observe('fresh'), denied).slice(1)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is ready when it was written, even without a report of tbot', () => {
    expect(eventsOf(observe('never-written', failing('x')), observe('fresh'))).toEqual([
      'CredentialFailing: tbot cannot write Secret tbot-db of output db, and says "x". ' +
        'Pods that ask for it wait. Fix: read the log of the tbot of bot payments',
      'CredentialReady: tbot has written Secret tbot-db of output db',
    ]);
  });

  it('may have no message', () => {
    expect(eventsOf(observe('fresh', failing('')))[0]).toContain('of output db, and gives no reason. What');
  });

  it('becomes stale with the message', () => {
    expect(eventsOf(denied, observe('stale', failing('no route to host')))[1]).toBe(
      'CredentialStale: Secret tbot-db of output db is not renewed: tbot has missed two renewals and says ' +
        '"no route to host". Fix: read the log of the tbot of bot payments',
    );
  });
});

describe('the message of tbot', () => {
  const stale = observe('stale', failing('dial tcp 10.0.0.1:443: timeout'));

  it('has an Event as soon as it is known', () => {
    expect(eventsOf(observe('stale'), stale, observe('stale'), stale)).toEqual([
      expect.not.stringContaining('says'),
      expect.stringContaining('says "dial tcp 10.0.0.1:443: timeout"'),
      undefined,
      undefined,
    ]);
  });

  it('is that of its own identity, where the output has none', () => {
    expect(eventsOf(observe('stale', HEALTHY, 'join token not known'))[0]).toContain(
      'says of its own identity "join token not known"',
    );
    expect(eventsOf(observe('stale', failing('own'), 'join token not known'))[0]).toContain('says "own"');
  });

  it('that changes each time has an Event once an hour', () => {
    const reasons = ['alpha', 'beta', 'gamma'];
    const checks = Array.from({ length: 181 }, (_, index) =>
      observe('fresh', failing(reasons[index % 3] ?? '')),
    );
    const events = eventsOf(...checks).flatMap((event, minute) =>
      event === undefined ? [] : [[minute, event]],
    );
    expect(events).toEqual([
      [0, expect.stringContaining('says "alpha"')],
      [55, expect.stringContaining('says "beta"')],
      [110, expect.stringContaining('says "gamma"')],
      [165, expect.stringContaining('says "alpha"')],
    ]);
  });

  it('is the last one, while tbot reports nothing', () => {
    const checks = [stale, ...Array.from({ length: 60 }, () => observe('stale'))];
    expect(eventsOf(...checks)[55]).toContain('says "dial tcp 10.0.0.1:443: timeout"');
  });
});

describe('a credential that stays failing or stale', () => {
  it.each(['failing', 'stale'] as const)('has its Event again before Kubernetes deletes it (%s)', (state) => {
    const status = fc.constantFrom(undefined, HEALTHY, failing('alpha'), failing('beta 1'), failing(''));
    const identity = fc.constantFrom(undefined, 'join token not known');
    const notReady = fc
      .tuple(status, identity)
      .map(([reported, failure]) =>
        state === 'stale'
          ? observe('stale', reported, failure)
          : observe('fresh', reported ?? failing('x'), failure),
      )
      .filter((each) => state === 'stale' || each.status?.kind === 'unhealthy');
    fc.assert(
      fc.property(fc.array(notReady, { minLength: 1, maxLength: 400 }), (checks) => {
        const events = eventsOf(...checks).flatMap((event, minute) => (event === undefined ? [] : minute));
        expect(events[0]).toBe(0);
        const gaps = [...events, checks.length]
          .slice(1)
          .map((minute, index) => minute - (events[index] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(55);
        // One more for the first message.
        expect(events.length).toBeLessThanOrEqual(2 + checks.length / 55);
      }),
    );
  });

  it('has no second Event where tbot has reported nothing since and the Secret is fresh', () => {
    const silent = Array.from({ length: 200 }, () => observe('fresh'));
    const events = eventsOf(observe('fresh', failing('x')), ...silent).filter((event) => event !== undefined);
    expect(events).toHaveLength(1);
  });
});

describe('the fix', () => {
  it.each([
    ['service account did not match any allow rules', 'in its join token'],
    ['invalid audience claim (aud)', 'set teleport.clusterName'],
    ['issuer does not match', 'compare the issuer'],
    ['Apply failed with 1 conflict', '--show-managed-fields'],
    ["secrets 'x' is forbidden: User 'y' cannot get", 'RoleBinding'],
    ["database 'x' not found", 'tctl get bot/payments'],
    ['EOF', 'read the log'],
  ])('for %j', (reason, fix) => {
    expect(eventsOf(observe('stale', failing(reason)))[0]).toContain(fix);
  });
});
