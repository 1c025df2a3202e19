import { randomUUID } from 'node:crypto';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isAborted, isRefusal } from '../../kubernetes/error.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';

/** What people read in `kubectl get events` and `kubectl describe`. */
export interface KubernetesEvent {
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
  record(note: KubernetesEvent): Promise<void>;
}

/** For checks that find the same state again and again. */
export interface DeduplicatingRecorder extends EventRecorder {
  /** Whether it would be recorded now. */
  isNews(note: KubernetesEvent): boolean;
  /** The state is over: when it comes back it is news. */
  end(note: KubernetesEvent): void;
}

/** Bytes; the API server refuses longer ones. */
const MAX_NOTE_BYTES = 1024;
/** Kubernetes forgets an Event after an hour, and what lasts is to be seen. */
const AGAIN_AFTER_MS = 50 * 60_000;
/** An Event that was refused, by a quota or such, is refused the next time as well. */
const RETRY_AFTER_MS = 60_000;
/** Objects that are remembered; an Event on another one may be recorded a second time. */
const MAX_REMEMBERED = 20_000;
const CONTROLLER = 'tbot-injector.io/controller';

interface RecordedEvent extends Pick<KubernetesEvent, 'type'> {
  readonly note: string;
  /** By the clock that never jumps; until then it is no news. */
  readonly until: number;
}

/**
 * Events of events.k8s.io/v1. An Event that was recorded of an object is not recorded again before Kubernetes is about
 * to forget it, or before the contrary was recorded: a Normal Event ends the Warnings on its object.
 */
export function createEventRecorder(
  client: KubernetesClient,
  instance: string,
  onFailure: (error: unknown) => void,
  monotonic = CLOCKS.monotonic,
): DeduplicatingRecorder {
  /** By object, and there by reason. */
  const recorded = new Map<string, Map<string, RecordedEvent>>();
  /** Namespaces that took no Event, and until when they are not asked again. */
  const closed = new Map<string, number>();

  const isNews = (note: KubernetesEvent): boolean => {
    const last = recorded.get(subjectOf(note))?.get(note.reason);
    if (monotonic() < (closed.get(note.regarding.namespace) ?? 0)) return false;
    return last?.note !== note.note || monotonic() >= last.until;
  };
  const remember = (note: KubernetesEvent, forMs: number): void => {
    const subject = subjectOf(note);
    const { type, reason } = note;
    const others = [...(recorded.get(subject) ?? [])].filter(([, each]) => each.type === type);
    recorded.delete(subject);
    const last: RecordedEvent = { type, note: note.note, until: monotonic() + forMs };
    recorded.set(subject, new Map(others).set(reason, last));
    forgetOldest(recorded);
  };

  return {
    isNews,
    end: (note) => {
      recorded.get(subjectOf(note))?.delete(note.reason);
    },
    record: async (note) => {
      if (!isNews(note)) return;
      remember(note, AGAIN_AFTER_MS);
      const { namespace } = note.regarding;
      try {
        await client.postJson(
          `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
          toEvent(note, instance),
        );
      } catch (error) {
        if (isAborted(error)) {
          recorded.get(subjectOf(note))?.delete(note.reason);
          return;
        }
        remember(note, RETRY_AFTER_MS);
        if (isRefusal(error)) closed.set(namespace, monotonic() + RETRY_AFTER_MS);
        onFailure(error);
      }
    },
  };
}

/** An object that was deleted and created again is another one. */
export function subjectOf({
  regarding: { apiVersion, kind, namespace, name, uid = '' },
}: KubernetesEvent): string {
  return `${apiVersion} ${kind} ${namespace}/${name} ${uid}`;
}

function toEvent({ type, reason, note, regarding }: KubernetesEvent, instance: string): object {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `tbot-injector.${randomUUID()}`, namespace: regarding.namespace },
    eventTime: new Date().toISOString().replace(/Z$/, '000Z'),
    reportingController: CONTROLLER,
    reportingInstance: instance.slice(0, 128),
    action: 'Reconcile',
    type,
    reason,
    note: cut(note),
    regarding,
  };
}

/** Pods come and go, and each has a name of its own. */
function forgetOldest(recorded: Map<string, unknown>): void {
  for (const subject of recorded.keys()) {
    if (recorded.size <= MAX_REMEMBERED) return;
    recorded.delete(subject);
  }
}

/** To the length that is allowed, and not through the middle of a character. */
function cut(note: string): string {
  return new TextDecoder().decode(Buffer.from(note).subarray(0, MAX_NOTE_BYTES), { stream: true });
}
