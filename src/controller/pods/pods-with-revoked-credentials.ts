import { INJECTION_ENABLED, INJECTION_LABEL } from '../../config/opt-in.ts';
import { revokedOutputs, type AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { DesiredState } from '../../credentials/desired-state.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { DeduplicatingRecorder, KubernetesEvent } from '../runtime/event-recorder.ts';
import { ActiveEvents } from '../runtime/active-events.ts';

export interface PodsWithRevokedCredentialsOptions {
  readonly pods: () => readonly AnnotatedPod[];
  /** What a namespace is to have; undefined: there is none of that name. */
  readonly desiredStateIn: (namespace: string) => DesiredState | undefined;
  readonly events: DeduplicatingRecorder;
  readonly metrics: Pick<Metrics, 'podsWithRevokedCredentials'>;
}

/** Pods that go on with credentials which are renewed no longer: a grant was revoked, or a label was lost. */
export class PodsWithRevokedCredentials {
  readonly #options: PodsWithRevokedCredentialsOptions;
  readonly #activeEvents: ActiveEvents;

  constructor(options: PodsWithRevokedCredentialsOptions) {
    this.#options = options;
    this.#activeEvents = new ActiveEvents(options.events);
  }

  /** Tells of those there are, on each of them. */
  async check(): Promise<void> {
    const { pods, desiredStateIn, metrics } = this.#options;
    const desiredStateOf = memoized(desiredStateIn);
    const notes = pods().flatMap((pod) => {
      const desired = desiredStateOf(pod.namespace);
      const lost = desired === undefined ? [] : revokedOutputs(pod, desired);
      return lost.length > 0 ? [eventOn(pod, lost, desired?.optedIn === 'yes')] : [];
    });
    metrics.podsWithRevokedCredentials.set(notes.length);
    await this.#activeEvents.record(notes);
  }
}

function eventOn(
  { namespace, name, uid }: AnnotatedPod,
  lost: readonly string[],
  isOptedIn: boolean,
): KubernetesEvent {
  const [which, are] =
    lost.length === 1 ? [`output ${lost.join()}`, 'is'] : [`outputs ${lost.join(', ')}`, 'are'];
  const note = isOptedIn
    ? `${which} ${are} granted to namespace ${namespace} no longer, and pod ${name} goes on with it. What it has read ` +
      'stays valid until it expires, and nothing follows. Fix: take it out of the annotation, or have ' +
      'it granted again'
    : `namespace ${namespace} is opted in no longer, and pod ${name} goes on with ${which}. What it has read stays ` +
      `valid until it expires, and nothing follows. Fix: label the namespace ${INJECTION_LABEL}=${INJECTION_ENABLED}, ` +
      'or take the annotation off';
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  return { type: 'Warning', reason: 'CredentialLost', note, regarding };
}

/** Many pods are in one namespace. */
function memoized<T>(ask: (name: string) => T): (name: string) => T {
  const answers = new Map<string, T>();
  return (name) => {
    if (!answers.has(name)) answers.set(name, ask(name));
    return answers.get(name) as T;
  };
}
