import { beforeEach, describe, expect, it } from 'vitest';
import { DeprivedPods } from '../../src/controller/deprived-pods.ts';
import type { AskingPod } from '../../src/credentials/asking-pod.ts';
import type { Wanted } from '../../src/credentials/wanted.ts';
import { destination, wanting } from '../credentials/objects.ts';
import { askingPod, Journal } from './asking-pods.ts';

const GRANTED = wanting(destination(), destination({ output: 'two', secretName: 'tbot-two' }));
const UNLABELLED: Wanted = { optedIn: 'no', destinations: [] };

let pods: readonly AskingPod[];
let wanted: Wanted | undefined;
let asked: string[];
let counts: number[];
let journal: Journal;
let deprived: DeprivedPods;

beforeEach(() => {
  pods = [askingPod('app', { isInjected: true, outputs: ['one', 'two'] })];
  wanted = GRANTED;
  asked = [];
  counts = [];
  journal = new Journal();
  deprived = new DeprivedPods({
    pods: () => pods,
    wantedIn: (namespace) => {
      asked.push(namespace);
      return wanted;
    },
    events: journal.events,
    onCounted: (count) => counts.push(count),
  });
});

async function said(): Promise<readonly string[]> {
  await deprived.look();
  return journal.taken().map(({ note }) => note);
}

describe('a pod that goes on with what nobody renews', () => {
  it('is told which grants are gone', async () => {
    wanted = wanting(destination());
    await deprived.look();
    expect(journal.taken()).toMatchObject([
      {
        type: 'Warning',
        reason: 'CredentialLost',
        note: expect.stringMatching(
          /^output two is granted to namespace team no longer, and pod app goes on with it\./,
        ) as string,
        regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'team', name: 'app', uid: 'uid of app' },
      },
    ]);
    wanted = wanting();
    expect(await said()).toEqual([
      expect.stringMatching(/^outputs one, two are granted to namespace team no longer/),
    ]);
    expect(counts).toEqual([1, 1]);
  });

  it('is told of a label that is gone, and of the way back', async () => {
    wanted = UNLABELLED;
    expect(await said()).toEqual([
      'namespace team is opted in no longer, and pod app goes on with outputs one, two. What it has read stays valid until ' +
        'it expires, and nothing follows. Fix: label the namespace tbot-injector.io/injection=enabled, or take the annotation off',
    ]);
  });

  it('is told again each time that it happens, and while it lasts', async () => {
    wanted = UNLABELLED;
    expect(await said()).toHaveLength(1);
    expect(await said()).toHaveLength(0);
    wanted = GRANTED;
    expect(await said()).toHaveLength(0);
    wanted = UNLABELLED;
    expect(await said()).toHaveLength(1);
    journal.clock = 50 * 60_000;
    expect(await said()).toHaveLength(1);
    expect(await said()).toHaveLength(0);
  });

  it.each<[string, () => void]>([
    ['it has all it asks for', () => (wanted = GRANTED)],
    ['its namespace is gone', () => (wanted = undefined)],
    ['its namespace is going', () => (wanted = { optedIn: 'terminating', destinations: [] })],
    ['it never had any', () => (pods = [askingPod('app', { outputs: ['other'] })])],
  ])('is none where %s', async (_, make) => {
    make();
    expect(await said()).toEqual([]);
    expect(counts).toEqual([0]);
  });

  it('costs one question a namespace', async () => {
    pods = Array.from({ length: 5 }, (_, index) => askingPod(`app-${index}`, { isInjected: true }));
    await deprived.look();
    expect(asked).toEqual(['team']);
  });
});
