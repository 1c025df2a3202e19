import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import {
  createLifetimeLookup,
  restartProblems,
  restartWarnings,
  workloadProblems,
} from '../../src/restarts/restart-problems.ts';
import type { RestartableWorkload } from '../../src/restarts/workload.ts';
import { BOTS, deployment, GRANTED, HOUR, withInterval, workload } from './objects.ts';

const EVERY = 'tbot-injector.io/restart-every';
const outputs = (list: string): { pods: object } => ({ pods: { 'tbot-injector.io/outputs': list } });
const lifetimeOf = createLifetimeLookup(BOTS);
const problemsOf = (each: RestartableWorkload): string[] =>
  restartProblems(each, lifetimeOf, GRANTED).map(printProblem);

const TOO_SHORT = (names: string, interval: string, ttl: string, renewal: string, needed: string): string =>
  `${EVERY}: found ${interval}, and credentials of ${names} that live ${ttl} and are renewed every ${renewal}; ` +
  `expected a credential_ttl of at least ${needed}: the interval, and one renewal_interval. `;
const NOTHING_TO_RENEW = `${EVERY}: found no tbot-injector.io/outputs on the pod template; expected credentials that a restart would renew. Fix: put tbot-injector.io/outputs on spec.template.metadata.annotations, or remove ${EVERY}`;

describe('a workload is restarted', () => {
  it.each([
    ['where its credentials live long enough', { every: '20h', ...outputs('one, two') }],
    ['where they live exactly until the next restart', { every: '23h', ...outputs('one') }],
    ['where an output has a lifetime of its own', { every: '20h30m', ...outputs('six') }],
  ])('%s', (_, changes) => {
    expect(problemsOf(workload(changes))).toEqual([]);
  });
});

describe('a workload is not restarted', () => {
  it.each<[string, Parameters<typeof workload>[0], readonly string[]]>([
    [
      'where credentials expire before the next restart',
      { every: '20h', ...outputs('one, three, four') },
      [
        `${TOO_SHORT('three, four', '20h', '1h', '20m', '20h20m')}Fix: set bots.hour.tbot.credential_ttl: 20h20m or more`,
      ],
    ],
    [
      'where the interval is one second too long',
      { every: '23h1s', ...outputs('one') },
      [
        `${TOO_SHORT('one', '23h1s', '24h', '1h', '24h1s')}Fix: set bots.day.tbot.credential_ttl: 24h, which is the most, and ${EVERY} to 23h or less`,
      ],
    ],
    [
      'where renewals are too far apart',
      { every: '12h', ...outputs('five') },
      [
        `${TOO_SHORT('five', '12h', '24h', '13h', '25h')}Fix: set bots.slow.tbot.credential_ttl: 24h, which is the most, and a renewal_interval such as 1h`,
      ],
    ],
    [
      'where the lifetime of an output or of its bot is too short',
      { every: '22h', ...outputs('six, seven') },
      [
        `${TOO_SHORT('six', '22h', '21h', '30m', '22h30m')}Fix: set bots.own.outputs.six.tbot.credential_ttl: 22h30m or more`,
        `${TOO_SHORT('seven', '22h', '1h', '20m', '22h20m')}Fix: set bots.own.tbot.credential_ttl: 22h20m or more`,
      ],
    ],
    ['where a restart would renew nothing', { pods: {} }, [NOTHING_TO_RENEW]],
    [
      'where its annotation is empty, with that problem alone',
      { pods: { 'tbot-injector.io/outputs': '' } },
      [expect.stringContaining('name at least one')],
    ],
    [
      'where it only asks for a join token',
      { pods: { 'tbot-injector.io/join': 'tbot' } },
      [NOTHING_TO_RENEW],
    ],
    [
      'with all problems at once',
      {
        every: '1h',
        kind: 'StatefulSet',
        updatesOnDelete: true,
        pods: { 'tbot-injector.io/outputs': 'one, tow', [EVERY]: '20h' },
      },
      [
        `${EVERY}: found "1h"; expected a duration from 12h to 8760h, such as 20h. Fix: write "20h", or remove it where the program notices renewed credentials by itself`,
        `spec.updateStrategy.type: found OnDelete, with which the pods of a StatefulSet do not restart by themselves; expected RollingUpdate. Fix: set type: RollingUpdate, or remove ${EVERY} and delete the pods yourself`,
        expect.stringContaining(
          'Fix: move it to the metadata of the Deployment, StatefulSet or DaemonSet itself',
        ),
        `tbot-injector.io/outputs: found "tow"; expected an output granted to namespace team: one, two, three, four, five, six or seven. Fix: write two`,
      ] as string[],
    ],
  ])('%s', (_, changes, problems) => {
    expect(problemsOf(workload(changes))).toEqual(problems);
  });

  it('and the problems name no outputs of other namespaces', () => {
    const each = workload(outputs('one, three'));
    expect(workloadProblems(each, lifetimeOf, new Set(['one']))).toEqual([]);
    expect(restartProblems(each, lifetimeOf, new Map([['one', 1]])).map(printProblem)).toEqual([
      'tbot-injector.io/outputs: found "three"; expected an output granted to namespace team: one. Fix: ask your platform team to grant "three" to namespace team',
    ]);
  });

  it('and an unknown output has no problem with its lifetime', () => {
    expect(workloadProblems(workload(outputs('nine')), lifetimeOf, new Set(['nine']))).toEqual([]);
  });
});

describe('the lifetime of an output', () => {
  it('is its own or that of its bot', () => {
    expect(lifetimeOf('one')).toEqual({
      path: 'bots.day.tbot',
      lifetime: { ttlMs: 24 * HOUR, renewalMs: HOUR },
    });
    expect(lifetimeOf('six')).toEqual({
      path: 'bots.own.outputs.six.tbot',
      lifetime: { ttlMs: 21 * HOUR, renewalMs: HOUR / 2 },
    });
  });

  it('is undefined for an unknown output', () => {
    expect(lifetimeOf('toString')).toBeUndefined();
  });
});

const warnings = (object: unknown, isGranted = true): readonly string[] =>
  restartWarnings(object, { bots: BOTS }, isGranted);

describe('the warnings at kubectl apply of a workload', () => {
  it('say why it will not be restarted', () => {
    expect(warnings(deployment({ ...withInterval('1h'), pods: {} }))).toEqual([
      expect.stringMatching(/^this Deployment will not be restarted: .*found "1h".* Fix: write "20h"/),
      expect.stringMatching(/^this Deployment will not be restarted: .*found no tbot-injector.io\/outputs/),
    ]);
  });

  it('say how long credentials must live', () => {
    const shortLived = deployment({ pods: { 'tbot-injector.io/outputs': 'three' } });
    expect(warnings(shortLived)).toEqual([expect.stringContaining('bots.hour.tbot.credential_ttl: 20h20m')]);
    expect(warnings(shortLived, false)).toEqual([]);
  });

  it.each([
    ['will be restarted', deployment()],
    ['does not ask for restarts', deployment({ metadata: { annotations: {} } })],
    ['is of another kind', { ...deployment(withInterval('1h')), kind: 'ReplicaSet' }],
    ['is null', null],
  ])('are empty where it %s', (_, object) => {
    expect(warnings(object)).toEqual([]);
  });
});
