import { subjectOf, type DeduplicatingRecorder, type KubernetesEvent } from './event-recorder.ts';

/** In one check: there may be Events on ten thousand objects. */
const MAX_EVENTS = 100;

/** Events of one kind, as one check after the other finds them: each is recorded while its state lasts, and again when it comes back. */
export class ActiveEvents {
  readonly #events: DeduplicatingRecorder;
  #lasting = new Map<string, KubernetesEvent>();

  constructor(events: DeduplicatingRecorder) {
    this.#events = events;
  }

  /** @param notes of all that there are now; several may be the same */
  async record(notes: readonly KubernetesEvent[]): Promise<void> {
    const lasting = new Map(notes.map((note) => [keyOf(note), note]));
    for (const [key, note] of this.#lasting) if (!lasting.has(key)) this.#events.end(note);
    this.#lasting = lasting;
    const news = [...lasting.values()].filter((note) => this.#events.isNews(note));
    for (const note of inTurn(news).slice(0, MAX_EVENTS)) await this.#events.record(note);
  }
}

function keyOf(note: KubernetesEvent): string {
  return `${note.reason} ${subjectOf(note)}`;
}

/** One of each namespace, then another one of each: a thousand in one namespace do not keep back those of the others. */
function inTurn(notes: readonly KubernetesEvent[]): readonly KubernetesEvent[] {
  return [...Map.groupBy(notes, ({ regarding }) => regarding.namespace).values()]
    .flatMap((its) => its.map((note, round) => ({ note, round })))
    .toSorted((a, b) => a.round - b.round)
    .map(({ note }) => note);
}
