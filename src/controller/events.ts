import { randomUUID } from 'node:crypto';
import type { KubernetesClient } from '../kubernetes/client.ts';

/** What people read in `kubectl get events` and `kubectl describe`. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  readonly note: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
}

export interface EventRecorder {
  /** Never rejects: a namespace that is full must not keep credentials from others. */
  record(note: EventNote): Promise<void>;
}

/** The API server refuses longer ones. */
const LONGEST_NOTE = 1024;
const CONTROLLER = 'tbot-injector.io/controller';

/** Events of events.k8s.io/v1. What was said last of an object is not said again. */
export function createEventRecorder(
  client: KubernetesClient,
  instance: string,
  onFailure: (error: unknown) => void,
): EventRecorder {
  const said = new Map<string, string>();
  return {
    record: async ({ type, reason, note, regarding }) => {
      const { kind, namespace, name } = regarding;
      const about = `${kind} ${namespace}/${name}`;
      if (said.get(about) === reason + note) return;
      said.set(about, reason + note);
      const event = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `tbot-injector.${randomUUID()}`, namespace },
        eventTime: new Date().toISOString().replace(/Z$/, '000Z'),
        reportingController: CONTROLLER,
        reportingInstance: instance.slice(0, 128),
        action: 'Reconcile',
        type,
        reason,
        note: note.slice(0, LONGEST_NOTE),
        regarding,
      };
      try {
        await client.postJson(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, event);
      } catch (error) {
        said.delete(about);
        onFailure(error);
      }
    },
  };
}
