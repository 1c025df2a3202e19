import { INJECTION_ENABLED, INJECTION_LABEL } from '../config/opt-in.ts';
import { lostOutputs, type AskingPod } from '../credentials/asking-pod.ts';
import type { Wanted } from '../credentials/wanted.ts';
import type { EventJournal, EventNote } from './events.ts';
import { Troubles } from './troubles.ts';

export interface DeprivedPodsOptions {
  readonly pods: () => readonly AskingPod[];
  /** What a namespace is to have; undefined: there is none of that name. */
  readonly wantedIn: (namespace: string) => Wanted | undefined;
  readonly events: EventJournal;
  readonly onCounted: (pods: number) => void;
}

/** Pods that go on with credentials which nobody renews any more: a grant was revoked, or a label was lost. */
export class DeprivedPods {
  readonly #options: DeprivedPodsOptions;
  readonly #troubles: Troubles;

  constructor(options: DeprivedPodsOptions) {
    this.#options = options;
    this.#troubles = new Troubles(options.events);
  }

  /** Tells of those there are, on each of them. */
  async look(): Promise<void> {
    const { pods, wantedIn, onCounted } = this.#options;
    const wantedOf = memoized(wantedIn);
    const notes = pods().flatMap((pod) => {
      const wanted = wantedOf(pod.namespace);
      const lost = wanted === undefined ? [] : lostOutputs(pod, wanted);
      return lost.length > 0 ? [noteOn(pod, lost, wanted?.optedIn === 'yes')] : [];
    });
    onCounted(notes.length);
    await this.#troubles.tell(notes);
  }
}

function noteOn({ namespace, name, uid }: AskingPod, lost: readonly string[], isOptedIn: boolean): EventNote {
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
