import type { AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { DeduplicatingRecorder, KubernetesEvent } from '../runtime/event-recorder.ts';
import type { PodEvictions } from './pod-evictions.ts';
import { ActiveEvents } from '../runtime/active-events.ts';

export interface UninjectedPodsOptions {
  readonly pods: () => readonly AnnotatedPod[];
  readonly events: DeduplicatingRecorder;
  readonly isOptedIn: (namespace: string) => boolean;
  /** undefined: pods are left where they are. */
  readonly evictions: Pick<PodEvictions, 'evictNext'> | undefined;
  readonly metrics: Pick<Metrics, 'uninjectedPods'>;
}

/** The watch may see a pod before the namespace's label, and the other way round. */
const PATIENCE_MS = 15_000;

/** Pods that were not injected: Events tell of them, and where the platform wants it they are evicted, so that new ones come. */
export class UninjectedPods {
  readonly #options: UninjectedPodsOptions;
  readonly #activeEvents: ActiveEvents;

  constructor(options: UninjectedPodsOptions) {
    this.#options = options;
    this.#activeEvents = new ActiveEvents(options.events);
  }

  /** Tells of those there are, and evicts one where that is due. @throws KubernetesError */
  async check(now: Date): Promise<void> {
    const { pods, isOptedIn, evictions, metrics } = this.#options;
    const uninjected = pods().filter(
      ({ namespace, createdAt, isInjected }) =>
        !isInjected && isOptedIn(namespace) && now.getTime() - createdAt > PATIENCE_MS,
    );
    metrics.uninjectedPods.set(uninjected.length);
    await this.#activeEvents.record(uninjected.flatMap(eventsOn));
    await evictions?.evictNext(uninjected, now);
  }
}

/** On the pod, and on its owner one for all of its pods. */
function eventsOn({ namespace, name, uid, owner }: AnnotatedPod): readonly KubernetesEvent[] {
  const eventOn = (regarding: KubernetesEvent['regarding'], what: string): KubernetesEvent => ({
    type: 'Warning',
    reason: 'NotInjected',
    note:
      `${what}: created before namespace ${namespace} opted in, or past the webhook. ` +
      'Fix: create it again, such as by kubectl rollout restart',
    regarding,
  });
  const ofPod = eventOn(
    { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    'the pod asks for credentials and has none',
  );
  if (owner === undefined) return [ofPod];
  return [ofPod, eventOn({ ...owner, namespace }, 'a pod of it asks for credentials and has none')];
}
