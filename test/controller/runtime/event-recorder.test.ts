import { describe, expect, it } from 'vitest';
import { createEventRecorder, type KubernetesEvent } from '../../../src/controller/runtime/event-recorder.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { RecordingClient } from '../recording-client.ts';

const MINUTE = 60_000;
const NOTE: KubernetesEvent = {
  type: 'Warning',
  reason: 'CredentialBlocked',
  note: 'output one of bot a is not renewed in team: found a Secret',
  regarding: { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'tbot-one', uid: 'u-1' },
};

function about(changes: Partial<KubernetesEvent['regarding']>): KubernetesEvent {
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
  it('has the form of the API, in the namespace of its object', async () => {
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

  it('cuts the name of its instance to the allowed length', async () => {
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
  ])('has a note of at most 1024 bytes, never cut within a character', async (note, expected) => {
    const { events, notes } = recorder();
    await events.record({ ...NOTE, note });
    expect(notes()).toEqual([expected]);
    expect(Buffer.byteLength(expected)).toBeLessThanOrEqual(1024);
  });
});

describe('a recorded Event', () => {
  it('is not repeated before Kubernetes is about to delete it', async () => {
    const { events, clock, notes } = recorder();
    const recordedAt: number[] = [];
    for (let minute = 0; minute < 180; minute++) {
      clock.now = minute * MINUTE;
      expect(events.isNews(NOTE)).toBe(minute % 50 === 0);
      await events.record(NOTE);
      if (notes().length > recordedAt.length) recordedAt.push(minute);
    }
    expect(recordedAt).toEqual([0, 50, 100, 150]);
  });

  it('is not repeated because of an Event with another reason', async () => {
    const { events, notes } = recorder();
    const other = { ...NOTE, reason: 'CredentialWaiting' };
    for (let time = 0; time < 5; time++) {
      await events.record(NOTE);
      await events.record(other);
    }
    expect(notes()).toHaveLength(2);
  });

  it('is recorded again if the caller ended it and it comes back', async () => {
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

  it('does not suppress those of other objects', async () => {
    const { events, notes } = recorder();
    await events.record(NOTE);
    await events.record(about({ name: 'tbot-two' }));
    await events.record(about({ namespace: 'other' }));
    await events.record(about({ kind: 'Pod' }));
    await events.record(about({ name: 'tbot-two' }));
    expect(notes()).toHaveLength(4);
  });

  it('ends with the opposite Event, and is recorded again after it', async () => {
    const { events, notes } = recorder();
    const ready: KubernetesEvent = { ...NOTE, type: 'Normal', reason: 'CredentialReady', note: 'it is back' };
    const both = [NOTE, { ...NOTE, reason: 'CredentialWaiting', note: 'it waits' }];
    for (const note of [...both, ready, ready, ...both, ready]) await events.record(note);
    const warnings = [NOTE.note, 'it waits'];
    expect(notes()).toEqual([...warnings, 'it is back', ...warnings, 'it is back']);
  });

  it('is recorded again for an object that was deleted and created again', async () => {
    const { events, notes } = recorder();
    await events.record(NOTE);
    await events.record(about({ uid: 'u-2' }));
    await events.record(about({ uid: 'u-2' }));
    await events.record(about({ uid: undefined }));
    expect(notes()).toHaveLength(3);
  });

  it('is recorded once when two callers record it at the same time', async () => {
    const { events, notes } = recorder();
    await Promise.all([events.record(NOTE), events.record(NOTE)]);
    expect(notes()).toHaveLength(1);
  });
});

describe('an Event that cannot be recorded', () => {
  it('is reported, throws nothing, and is tried again a minute later', async () => {
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

  it('holds back, when refused, other Events of its namespace for a minute, and none of other namespaces', async () => {
    const { client, clock, events, failures } = recorder();
    client.answer = ({ path }) => {
      if (path.includes('/full/')) throw new KubernetesError('forbidden', 'POST: 403, exceeded quota');
      return { kind: 'ok', body: {} };
    };
    const inFull = (name: string): KubernetesEvent => about({ namespace: 'full', name });
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
