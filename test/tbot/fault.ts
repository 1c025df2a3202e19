/** What ends the start of tbot, or fails a join or a renewal, in Teleport's words. */
export class Fault extends Error {}

/** A fault below the place where it came up, as Teleport prints it: a line each, every one further in. */
export function within(place: string, error: unknown): Fault {
  return new Fault(`${place}\n\t${messageOf(error).replaceAll('\n\t', '\n\t\t')}`, { cause: error });
}

/** With its causes, which hold what the network said. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Fault || error.cause === undefined) return error.message;
  return `${error.message}: ${messageOf(error.cause)}`;
}
