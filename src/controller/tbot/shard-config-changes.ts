import type { ValidatedDestination } from '../../credentials/validation.ts';

/** Which bots have to look at their tbot.yaml again: a renewal, which comes every 20 minutes for each Secret, changes none. */
export class ShardConfigChanges {
  readonly #before = new Map<string, ReadonlyMap<string, string>>();

  /** Bots of whose tbot.yaml the part of this namespace may be another than at the last call. */
  follow(namespace: string, judged: readonly ValidatedDestination[]): readonly string[] {
    const now = new Map<string, string>();
    for (const { destination, invalidReason, createdAt } of judged) {
      const { bot, output, secretName } = destination;
      const line = `${output} ${secretName} ${invalidReason ?? ''} ${createdAt}\n`;
      now.set(bot, (now.get(bot) ?? '') + line);
    }
    const before = this.#before.get(namespace) ?? new Map<string, string>();
    if (now.size === 0) this.#before.delete(namespace);
    else this.#before.set(namespace, now);
    const bots = new Set([...before.keys(), ...now.keys()]);
    return [...bots].filter((bot) => before.get(bot) !== now.get(bot));
  }
}
