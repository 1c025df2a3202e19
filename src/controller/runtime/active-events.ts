import { subjectOf, type DeduplicatingRecorder, type EventNote } from './event-recorder.ts';

/** In one look: there may be troubles on ten thousand objects. */
const MOST_EVENTS = 100;

/** Troubles of one kind, as one look after the other finds them: each is told while it lasts, and anew when it comes back. */
export class ActiveEvents {
  readonly #events: DeduplicatingRecorder;
  #lasting = new Map<string, EventNote>();

  constructor(events: DeduplicatingRecorder) {
    this.#events = events;
  }

  /** @param notes of all that there are now; several may be the same */
  async tell(notes: readonly EventNote[]): Promise<void> {
    const lasting = new Map(notes.map((note) => [keyOf(note), note]));
    for (const [key, note] of this.#lasting) if (!lasting.has(key)) this.#events.end(note);
    this.#lasting = lasting;
    const news = [...lasting.values()].filter((note) => this.#events.isNews(note));
    for (const note of inTurn(news).slice(0, MOST_EVENTS)) await this.#events.record(note);
  }
}

function keyOf(note: EventNote): string {
  return `${note.reason} ${subjectOf(note)}`;
}

/** Of each namespace one, then of each another one: a thousand troubles in one keep nobody else's from being told. */
function inTurn(notes: readonly EventNote[]): readonly EventNote[] {
  return [...Map.groupBy(notes, ({ regarding }) => regarding.namespace).values()]
    .flatMap((its) => its.map((note, round) => ({ note, round })))
    .toSorted((a, b) => a.round - b.round)
    .map(({ note }) => note);
}
