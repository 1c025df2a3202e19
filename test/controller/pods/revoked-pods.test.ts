import { beforeEach, describe, expect, it } from 'vitest';
import { RevokedPods } from '../../../src/controller/pods/revoked-pods.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import type { DesiredState } from '../../../src/credentials/desired-state.ts';
import { destination, optedInWith } from '../../credentials/objects.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { askingPod, Journal } from './annotated-pods.ts';

const GRANTED = optedInWith(destination(), destination({ output: 'two', secretName: 'tbot-two' }));
const UNLABELLED: DesiredState = { optedIn: 'no', destinations: [] };

let pods: readonly AnnotatedPod[];
let desired: DesiredState | undefined;
let asked: string[];
let counts: number[];
let journal: Journal;
let revoked: RevokedPods;

beforeEach(() => {
  pods = [askingPod('app', { isInjected: true, outputs: ['one', 'two'] })];
  desired = GRANTED;
  asked = [];
  counts = [];
  journal = new Journal();
  revoked = new RevokedPods({
    pods: () => pods,
    desiredStateIn: (namespace) => {
      asked.push(namespace);
      return desired;
    },
    events: journal.events,
    metrics: recordingMetrics((_, count) => counts.push(Number(count))),
  });
});

async function said(): Promise<readonly string[]> {
  await revoked.check();
  return journal.taken().map(({ note }) => note);
}

describe('a pod that goes on with what nobody renews', () => {
  it('is told which grants are gone', async () => {
    desired = optedInWith(destination());
    await revoked.check();
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
    desired = optedInWith();
    expect(await said()).toEqual([
      expect.stringMatching(/^outputs one, two are granted to namespace team no longer/),
    ]);
    expect(counts).toEqual([1, 1]);
  });

  it('is told of a label that is gone, and of the way back', async () => {
    desired = UNLABELLED;
    expect(await said()).toEqual([
      'namespace team is opted in no longer, and pod app goes on with outputs one, two. What it has read stays valid until ' +
        'it expires, and nothing follows. Fix: label the namespace tbot-injector.io/injection=enabled, or take the annotation off',
    ]);
  });

  it('is told again each time that it happens, and while it lasts', async () => {
    desired = UNLABELLED;
    expect(await said()).toHaveLength(1);
    expect(await said()).toHaveLength(0);
    desired = GRANTED;
    expect(await said()).toHaveLength(0);
    desired = UNLABELLED;
    expect(await said()).toHaveLength(1);
    journal.clock = 50 * 60_000;
    expect(await said()).toHaveLength(1);
    expect(await said()).toHaveLength(0);
  });

  it.each<[string, () => void]>([
    ['it has all it asks for', () => (desired = GRANTED)],
    ['its namespace is gone', () => (desired = undefined)],
    ['its namespace is going', () => (desired = { optedIn: 'terminating', destinations: [] })],
    ['it never had any', () => (pods = [askingPod('app', { outputs: ['other'] })])],
  ])('is none where %s', async (_, make) => {
    make();
    expect(await said()).toEqual([]);
    expect(counts).toEqual([0]);
  });

  it('costs one question a namespace', async () => {
    pods = Array.from({ length: 5 }, (_, index) => askingPod(`app-${index}`, { isInjected: true }));
    await revoked.check();
    expect(asked).toEqual(['team']);
  });
});
