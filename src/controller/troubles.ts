import type { EventJournal, EventNote } from './events.ts';

/** In one look: there may be troubles on ten thousand objects. */
const MOST_EVENTS = 100;

/** Troubles of one kind, as one look after the other finds them: each is told while it lasts, and anew when it comes back. */
export class Troubles {
  readonly #events: EventJournal;
  #lasting = new Map<string, EventNote>();

  constructor(events: EventJournal) {
    this.#events = events;
  }

  /** @param notes of all that there are now; several may be the same */
  async tell(notes: readonly EventNote[]): Promise<void> {
    const lasting = new Map(notes.map((note) => [keyOf(note), note]));
    for (const [key, note] of this.#lasting) if (!lasting.has(key)) this.#events.end(note);
    this.#lasting = lasting;
    const news = [...lasting.values()].filter((note) => this.#events.isNews(note));
    for (const note of news.slice(0, MOST_EVENTS)) await this.#events.record(note);
  }
}

function keyOf({ reason, regarding: { kind, namespace, name, uid = '' } }: EventNote): string {
  return `${reason} ${kind} ${namespace}/${name} ${uid}`;
}
