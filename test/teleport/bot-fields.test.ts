import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { checkBotFields } from '../../src/teleport/bot-fields.ts';

function check(fields: Record<string, unknown>): { problems: string[]; warnings: string[] } {
  const { problems, warnings } = checkBotFields(fields, 'bots.a.tbot');
  return { problems: problems.map(printProblem), warnings: warnings.map(printProblem) };
}

const VALID = { problems: [], warnings: [] };

describe("tbot's own top-level fields", () => {
  it.each([
    {},
    { credential_ttl: '1h' },
    { credential_ttl: '24h', renewal_interval: '20m', fips: true, debug: false, insecure: false },
    { credential_ttl: null, renewal_interval: null },
    { renewal_interval: '59m' },
    { credential_ttl: '10m', renewal_interval: '5m' },
    { credential_ttl: '21m' },
  ])('%j are valid', (fields) => {
    expect(check(fields)).toEqual(VALID);
  });

  it.each([
    ['version', 'remove it; the format of tbot.yaml is chosen for you'],
    ['proxy_server', 'remove it and set teleport.proxyServer'],
    ['auth_server', 'remove it and set teleport.proxyServer'],
    ['join_uri', 'remove it and set teleport.proxyServer and join'],
    ['onboarding', 'remove it and set join'],
    ['storage', 'remove it; a bot that joins by Kubernetes keeps no state'],
    ['services', 'remove it and set outputs beside tbot'],
    ['outputs', 'remove it and set outputs beside tbot'],
    ['oneshot', 'remove it; a Deployment would start a one-shot tbot again and again'],
    ['diag_addr', 'remove it; the probes of the Deployment need the address it has'],
  ])('%s is reserved for the controller', (name, fix) => {
    expect(check({ [name]: 'x' })).toEqual({
      problems: [`bots.a.tbot.${name}: found "x"; expected no ${name} here. Fix: ${fix}`],
      warnings: [],
    });
  });

  it.each(['fips', 'debug', 'insecure'])('%s is true or false', (name) => {
    expect(check({ [name]: 'yes' }).problems).toEqual([
      `bots.a.tbot.${name}: found "yes"; expected true or false. Fix: correct ${name}`,
    ]);
  });

  it('have no placeholder: one tbot serves all namespaces', () => {
    expect(check({ log: { '$(A)': 'x-$(NAMESPACE)' } }).problems).toEqual([
      'bots.a.tbot.log.$(A): found $(A); expected no placeholder here. Fix: write the value itself',
      'bots.a.tbot.log.$(A): found $(NAMESPACE); expected no placeholder here. Fix: write the value itself',
    ]);
  });

  it('have only a warning where they are unknown, for a new Teleport may know them', () => {
    const known = 'credential_ttl, renewal_interval, fips, debug or insecure';
    expect(check({ credentialttl: '1h', log_format: 'json' })).toEqual({
      problems: [],
      warnings: [
        `bots.a.tbot.credentialttl: found a field that is not known here, passed to tbot as it is; expected ${known}. Fix: write credential_ttl if that was meant`,
        `bots.a.tbot.log_format: found a field that is not known here, passed to tbot as it is; expected ${known}. Fix: check the spelling against tbot's reference`,
      ],
    });
  });
});

describe('the lifetime of a credential', () => {
  it.each(['0s', '24h1s', '25h', '1d', '', 3600, true, ['1h']])('is not %j', (ttl) => {
    expect(checkBotFields({ credential_ttl: ttl }, 'bots.a.tbot').problems).toMatchObject([
      {
        code: 'wrong-duration',
        where: 'bots.a.tbot.credential_ttl',
        expected: 'a duration above 0 and at most 24h, such as 1h',
        fix: 'correct credential_ttl',
      },
    ]);
  });

  it.each(['0s', '20', 1200])('is not renewed every %j', (renewal) => {
    expect(checkBotFields({ renewal_interval: renewal }, 'bots.a.tbot').problems).toMatchObject([
      { where: 'bots.a.tbot.renewal_interval', expected: 'a duration above 0, such as 20m' },
    ]);
  });

  it.each([{ renewal_interval: '1h' }, { credential_ttl: '10m', renewal_interval: '20m' }])(
    'must not end before its renewal: %j',
    (fields) => {
      expect(checkBotFields(fields, 'bots.a.tbot').problems).toMatchObject([
        {
          where: 'bots.a.tbot.renewal_interval',
          found: JSON.stringify(fields.renewal_interval),
          expected: 'a duration (default 20m) shorter than credential_ttl (default 1h)',
          fix: 'correct renewal_interval',
        },
      ]);
    },
  );

  it.each(['20m', '10m'])('of %s needs a renewal_interval', (ttl) => {
    expect(check({ credential_ttl: ttl }).problems).toEqual([
      'bots.a.tbot.renewal_interval: found nothing; expected a duration (default 20m) shorter than credential_ttl (default 1h). Fix: add a renewal_interval, such as a third of credential_ttl',
    ]);
  });

  it('is not compared with the renewal where it is invalid', () => {
    const { problems } = checkBotFields({ credential_ttl: '2hh', renewal_interval: '90m' }, 'bots.a.tbot');
    expect(problems.map(({ where }) => where)).toEqual(['bots.a.tbot.credential_ttl']);
  });
});
