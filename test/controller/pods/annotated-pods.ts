import type { AnnotatedPod } from '../../../src/credentials/annotated-pod.ts';
import {
  createEventRecorder,
  type DeduplicatingRecorder,
  type KubernetesEvent,
} from '../../../src/controller/runtime/event-recorder.ts';
import { RecordingClient } from '../recording-client.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');

/** A pod that is an hour old, asks for output `one`, has no owner and is not injected, but for `changes`. */
export function annotatedPod(name: string, changes: Partial<AnnotatedPod> = {}): AnnotatedPod {
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

/** The real recorder, with the Events that it has sent. */
export class TestRecorder {
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

  /** Events since the last call. */
  takeEvents(): readonly KubernetesEvent[] {
    return this.client.calls.splice(0).map(({ body }) => body as KubernetesEvent);
  }

  /** The objects of the Events since the last call, as `Kind/name`. */
  takeObjects(): readonly string[] {
    return this.takeEvents().map(({ regarding: { kind, name } }) => `${kind}/${name}`);
  }
}
