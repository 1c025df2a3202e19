import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { createLifetimes } from '../../src/restarts/lifetimes.ts';
import { intervalProblems, refusals } from '../../src/restarts/refusals.ts';
import type { RestartableWorkload } from '../../src/restarts/workload.ts';
import { BOTS, GRANTED, workload } from './objects.ts';

const EVERY = 'tbot-injector.io/restart-every';
const outputs = (list: string): { pods: object } => ({ pods: { 'tbot-injector.io/outputs': list } });
const LIFETIMES = createLifetimes(BOTS);
const told = (each: RestartableWorkload): string[] => refusals(each, LIFETIMES, GRANTED).map(printProblem);

const LIVES = (names: string, interval: string, ttl: string, renewal: string, needed: string): string =>
  `${EVERY}: found ${interval}, and credentials of ${names} that live ${ttl} and are renewed every ${renewal}; ` +
  `expected a credential_ttl of at least ${needed}: the interval, and one renewal_interval. `;
const NOTHING = `${EVERY}: found no tbot-injector.io/outputs on the pod template; expected credentials that a restart would renew. Fix: put tbot-injector.io/outputs on spec.template.metadata.annotations, or remove ${EVERY}`;

describe('a workload is restarted', () => {
  it.each([
    ['where its credentials live long enough', { every: '20h', ...outputs('one, two') }],
    ['where they end with the next renewal at the earliest', { every: '23h', ...outputs('one') }],
    ['where an output has a lifetime of its own', { every: '20h30m', ...outputs('six') }],
  ])('%s', (_, changes) => {
    expect(told(workload(changes))).toEqual([]);
  });
});

describe('a workload is refused restarts', () => {
  it.each<[string, Parameters<typeof workload>[0], readonly string[]]>([
    [
      'where credentials end before',
      { every: '20h', ...outputs('one, three, four') },
      [
        `${LIVES('three, four', '20h', '1h', '20m', '20h20m')}Fix: set bots.hour.tbot.credential_ttl: 20h20m or more`,
      ],
    ],
    [
      'a moment too late',
      { every: '23h1s', ...outputs('one') },
      [
        `${LIVES('one', '23h1s', '24h', '1h', '24h1s')}Fix: set bots.day.tbot.credential_ttl: 24h, which is the most, and ${EVERY} to 23h or less`,
      ],
    ],
    [
      'where renewals are too far apart',
      { every: '12h', ...outputs('five') },
      [
        `${LIVES('five', '12h', '24h', '13h', '25h')}Fix: set bots.slow.tbot.credential_ttl: 24h, which is the most, and a renewal_interval such as 1h`,
      ],
    ],
    [
      'by the lifetime of an output, and by that of its bot',
      { every: '22h', ...outputs('six, seven') },
      [
        `${LIVES('six', '22h', '21h', '30m', '22h30m')}Fix: set bots.own.outputs.six.tbot.credential_ttl: 22h30m or more`,
        `${LIVES('seven', '22h', '1h', '20m', '22h20m')}Fix: set bots.own.tbot.credential_ttl: 22h20m or more`,
      ],
    ],
    ['that would renew nothing', { pods: {} }, [NOTHING]],
    [
      'where another problem explains why it asks for nothing',
      { pods: { 'tbot-injector.io/outputs': '' } },
      [expect.stringContaining('name at least one')],
    ],
    ['where it joins by itself', { pods: { 'tbot-injector.io/join': 'tbot' } }, [NOTHING]],
    [
      'for everything at once',
      {
        every: '1h',
        kind: 'StatefulSet',
        waitsForDeletion: true,
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
    expect(told(workload(changes))).toEqual(problems);
  });

  it('without a word about outputs of others', () => {
    const each = workload(outputs('one, three'));
    expect(intervalProblems(each, LIFETIMES, new Set(['one']))).toEqual([]);
    expect(refusals(each, LIFETIMES, new Map([['one', 1]])).map(printProblem)).toEqual([
      'tbot-injector.io/outputs: found "three"; expected an output granted to namespace team: one. Fix: ask your platform team to grant "three" to namespace team',
    ]);
  });

  it('without a word about how long an output lives that is none', () => {
    expect(intervalProblems(workload(outputs('nine')), LIFETIMES, new Set(['nine']))).toEqual([]);
  });
});
