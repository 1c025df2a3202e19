import { beforeEach, describe, expect, it } from 'vitest';
import { PodsWithRevokedCredentials } from '../../../src/controller/pods/pods-with-revoked-credentials.ts';
import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import type { DesiredState } from '../../../src/credentials/desired-state.ts';
import { destination, optedInWith } from '../../credentials/objects.ts';
import { recordingMetrics } from '../../telemetry/recording-metrics.ts';
import { annotatedPod, TestRecorder } from './annotated-pods.ts';

const GRANTED = optedInWith(destination(), destination({ output: 'two', secretName: 'tbot-two' }));
const UNLABELLED: DesiredState = { optedIn: 'no', destinations: [] };

let pods: readonly AnnotatedPod[];
let desired: DesiredState | undefined;
let asked: string[];
let counts: number[];
let recorder: TestRecorder;
let revoked: PodsWithRevokedCredentials;

beforeEach(() => {
  pods = [annotatedPod('app', { isInjected: true, outputs: ['one', 'two'] })];
  desired = GRANTED;
  asked = [];
  counts = [];
  recorder = new TestRecorder();
  revoked = new PodsWithRevokedCredentials({
    pods: () => pods,
    desiredStateIn: (namespace) => {
      asked.push(namespace);
      return desired;
    },
    events: recorder.events,
    metrics: recordingMetrics((_, count) => counts.push(Number(count))),
  });
});

async function checkedNotes(): Promise<readonly string[]> {
  await revoked.check();
  return recorder.takeEvents().map(({ note }) => note);
}

describe('a pod whose credentials are revoked', () => {
  it('gets an Event that names the revoked outputs', async () => {
    desired = optedInWith(destination());
    await revoked.check();
    expect(recorder.takeEvents()).toMatchObject([
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
    expect(await checkedNotes()).toEqual([
      expect.stringMatching(/^outputs one, two are granted to namespace team no longer/),
    ]);
    expect(counts).toEqual([1, 1]);
  });

  it('gets an Event about the missing label, with its fix', async () => {
    desired = UNLABELLED;
    expect(await checkedNotes()).toEqual([
      'namespace team is opted in no longer, and pod app goes on with outputs one, two. What it has read stays valid until ' +
        'it expires, and nothing follows. Fix: label the namespace tbot-injector.io/injection=enabled, or take the annotation off',
    ]);
  });

  it('gets the Event again each time that it happens, and while it lasts', async () => {
    desired = UNLABELLED;
    expect(await checkedNotes()).toHaveLength(1);
    expect(await checkedNotes()).toHaveLength(0);
    desired = GRANTED;
    expect(await checkedNotes()).toHaveLength(0);
    desired = UNLABELLED;
    expect(await checkedNotes()).toHaveLength(1);
    recorder.clock = 50 * 60_000;
    expect(await checkedNotes()).toHaveLength(1);
    expect(await checkedNotes()).toHaveLength(0);
  });

  it.each<[string, () => void]>([
    ['it has all it asks for', () => (desired = GRANTED)],
    ['its namespace is gone', () => (desired = undefined)],
    ['its namespace is going', () => (desired = { optedIn: 'terminating', destinations: [] })],
    ['it never had any', () => (pods = [annotatedPod('app', { outputs: ['other'] })])],
  ])('is not reported if %s', async (_, make) => {
    make();
    expect(await checkedNotes()).toEqual([]);
    expect(counts).toEqual([0]);
  });

  it('costs one lookup for each namespace', async () => {
    pods = Array.from({ length: 5 }, (_, index) => annotatedPod(`app-${index}`, { isInjected: true }));
    await revoked.check();
    expect(asked).toEqual(['team']);
  });
});
