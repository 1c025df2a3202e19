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
    /** Where it is known: `kubectl describe` finds an Event by it. */
    readonly uid?: string | undefined;
  };
}

export interface EventRecorder {
  /** Never rejects: a namespace that is full must not keep credentials from others. */
  record(note: EventNote): Promise<void>;
}

/** Bytes; the API server refuses longer ones. */
const LONGEST_NOTE = 1024;
/** Objects whose last word is remembered; of others it may be said again. */
const MOST_REMEMBERED = 20_000;
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
      const { kind, namespace, name, uid = '' } = regarding;
      const about = `${kind} ${namespace}/${name}`;
      // One that was deleted and made anew is another object.
      const word = `${uid} ${reason} ${note}`;
      if (said.get(about) === word) return;
      said.delete(about);
      said.set(about, word);
      forgetOldest(said);
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
        note: cut(note),
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

/** Pods come and go, and each has a name of its own. */
function forgetOldest(said: Map<string, string>): void {
  for (const about of said.keys()) {
    if (said.size <= MOST_REMEMBERED) return;
    said.delete(about);
  }
}

/** To the length that is allowed, and not through the middle of a character. */
function cut(note: string): string {
  return new TextDecoder().decode(Buffer.from(note).subarray(0, LONGEST_NOTE), { stream: true });
}
