import { describe, expect, it } from 'vitest';
import { createEventRecorder, type EventNote } from '../../../src/controller/runtime/event-recorder.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { RecordingClient } from '../recording-client.ts';

const MINUTE = 60_000;
const NOTE: EventNote = {
  type: 'Warning',
  reason: 'CredentialBlocked',
  note: 'output one of bot a is not renewed in team: found a Secret',
  regarding: { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'tbot-one', uid: 'u-1' },
};

function about(changes: Partial<EventNote['regarding']>): EventNote {
  return { ...NOTE, regarding: { ...NOTE.regarding, ...changes } };
}

function recorder(instance = 'controller-0_uuid') {
  const client = new RecordingClient();
  const failures: unknown[] = [];
  const clock = { now: 0 };
  const events = createEventRecorder(
    client,
    instance,
    (error) => failures.push(error),
    () => clock.now,
  );
  const notes = (): readonly string[] => client.calls.map(({ body }) => (body as { note: string }).note);
  return { client, clock, events, failures, notes };
}

describe('an Event', () => {
  it('is what the API server takes, in the namespace that it is about', async () => {
    const { client, events } = recorder();
    await events.record(NOTE);
    expect(client.calls).toEqual([
      {
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/team/events',
        options: undefined,
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: {
            name: expect.stringMatching(/^tbot-injector\.[0-9a-f-]{36}$/) as string,
            namespace: 'team',
          },
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
          reportingController: 'tbot-injector.io/controller',
          reportingInstance: 'controller-0_uuid',
          action: 'Reconcile',
          ...NOTE,
        },
      },
    ]);
  });

  it('names its instance by no more than is allowed', async () => {
    const { client, events } = recorder('x'.repeat(300));
    await events.record(NOTE);
    expect(client.calls[0]?.body).toHaveProperty('reportingInstance', 'x'.repeat(128));
  });

  it('has a name of its own each time', async () => {
    const { client, events } = recorder();
    await events.record(NOTE);
    await events.record({ ...NOTE, note: 'another' });
    const names = client.calls.map(({ body }) => (body as { metadata: { name: string } }).metadata.name);
    expect(new Set(names).size).toBe(2);
  });

  it.each([
    ['short', 'short'],
    ['x'.repeat(1024), 'x'.repeat(1024)],
    ['x'.repeat(5000), 'x'.repeat(1024)],
    ['ü'.repeat(1024), 'ü'.repeat(512)],
    [`x${'ü'.repeat(1024)}`, `x${'ü'.repeat(511)}`],
    [`xy${'😀'.repeat(400)}`, `xy${'😀'.repeat(255)}`],
  ])('is cut to 1024 bytes, and not within a character', async (note, expected) => {
    const { events, notes } = recorder();
    await events.record({ ...NOTE, note });
    expect(notes()).toEqual([expected]);
    expect(Buffer.byteLength(expected)).toBeLessThanOrEqual(1024);
  });
});

describe('what was said', () => {
  it('is not said again before Kubernetes is about to forget it', async () => {
    const { events, clock, notes } = recorder();
    const said: number[] = [];
    for (let minute = 0; minute < 180; minute++) {
      clock.now = minute * MINUTE;
      expect(events.isNews(NOTE)).toBe(minute % 50 === 0);
      await events.record(NOTE);
      if (notes().length > said.length) said.push(minute);
    }
    expect(said).toEqual([0, 50, 100, 150]);
  });

  it('for one reason is not said again because of another', async () => {
    const { events, notes } = recorder();
    const other = { ...NOTE, reason: 'CredentialWaiting' };
    for (let time = 0; time < 5; time++) {
      await events.record(NOTE);
      await events.record(other);
    }
    expect(notes()).toHaveLength(2);
  });

  it('is said again when it came back, where somebody says that it was over', async () => {
    const { events, notes } = recorder();
    await events.record(NOTE);
    events.end(about({ name: 'tbot-two' }));
    events.end({ ...NOTE, reason: 'CredentialWaiting' });
    expect(events.isNews(NOTE)).toBe(false);
    events.end(NOTE);
    expect(events.isNews(NOTE)).toBe(true);
    await events.record(NOTE);
    expect(notes()).toHaveLength(2);
  });

  it('of another object is said', async () => {
    const { events, notes } = recorder();
    await events.record(NOTE);
    await events.record(about({ name: 'tbot-two' }));
    await events.record(about({ namespace: 'other' }));
    await events.record(about({ kind: 'Pod' }));
    await events.record(about({ name: 'tbot-two' }));
    expect(notes()).toHaveLength(4);
  });

  it('ends with the contrary: it came back, and went again', async () => {
    const { events, notes } = recorder();
    const ready: EventNote = { ...NOTE, type: 'Normal', reason: 'CredentialReady', note: 'it is back' };
    const both = [NOTE, { ...NOTE, reason: 'CredentialWaiting', note: 'it waits' }];
    for (const note of [...both, ready, ready, ...both, ready]) await events.record(note);
    const warnings = [NOTE.note, 'it waits'];
    expect(notes()).toEqual([...warnings, 'it is back', ...warnings, 'it is back']);
  });

  it('is said again of one that was deleted and made anew', async () => {
    const { events, notes } = recorder();
    await events.record(NOTE);
    await events.record(about({ uid: 'u-2' }));
    await events.record(about({ uid: 'u-2' }));
    await events.record(about({ uid: undefined }));
    expect(notes()).toHaveLength(3);
  });

  it('at one time by two is said once', async () => {
    const { events, notes } = recorder();
    await Promise.all([events.record(NOTE), events.record(NOTE)]);
    expect(notes()).toHaveLength(1);
  });
});

describe('an Event that cannot be recorded', () => {
  it('is told of, throws nothing, and is tried again a minute later', async () => {
    const { client, clock, events, failures, notes } = recorder();
    const refusal = new KubernetesError('forbidden', 'POST events: 403', { status: 403 });
    client.answer = () => {
      throw refusal;
    };
    await events.record(NOTE);
    await events.record(NOTE);
    expect(failures).toEqual([refusal]);
    clock.now = MINUTE;
    client.answer = () => ({ kind: 'ok', body: {} });
    await events.record(NOTE);
    await events.record(NOTE);
    expect(notes()).toHaveLength(2);
    expect(failures).toHaveLength(1);
  });

  it('keeps others of its namespace from being tried for a minute, where it was refused, and none of another', async () => {
    const { client, clock, events, failures } = recorder();
    client.answer = ({ path }) => {
      if (path.includes('/full/')) throw new KubernetesError('forbidden', 'POST: 403, exceeded quota');
      return { kind: 'ok', body: {} };
    };
    const inFull = (name: string): EventNote => about({ namespace: 'full', name });
    await events.record(inFull('one'));
    expect(events.isNews(inFull('two'))).toBe(false);
    await events.record(inFull('two'));
    await events.record(NOTE);
    expect([failures.length, client.calls.length]).toEqual([1, 2]);
    clock.now = MINUTE;
    await events.record(inFull('two'));
    expect(failures).toHaveLength(2);
  });
});
