import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import {
  createEventRecorder,
  type DeduplicatingRecorder,
  type EventNote,
} from '../../../src/controller/runtime/event-recorder.ts';
import { RecordingClient } from '../recording-client.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');

/** A pod of an hour ago that asks for output `one`, of no owner and not injected, but for `changes`. */
export function askingPod(name: string, changes: Partial<AnnotatedPod> = {}): AnnotatedPod {
  return {
    name,
    namespace: 'team',
    uid: `uid of ${name}`,
    createdAt: NOW - 3_600_000,
    owner: undefined,
    outputs: ['one'],
    hasValidAnnotations: true,
    isInjected: false,
    ...changes,
  };
}

export function replicaSet(name: string): NonNullable<AnnotatedPod['owner']> {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: `uid of ${name}` };
}

/** The real recorder, with what it has sent. */
export class Journal {
  readonly client = new RecordingClient();
  readonly events: DeduplicatingRecorder;
  /** Milliseconds since the beginning. */
  clock = 0;

  constructor() {
    this.events = createEventRecorder(
      this.client,
      'me',
      () => undefined,
      () => this.clock,
    );
  }

  /** Since the last time. */
  taken(): readonly EventNote[] {
    return this.client.calls.splice(0).map(({ body }) => body as EventNote);
  }

  /** `Kind/name`, since the last time. */
  takenOn(): readonly string[] {
    return this.taken().map(({ regarding: { kind, name } }) => `${kind}/${name}`);
  }
}
