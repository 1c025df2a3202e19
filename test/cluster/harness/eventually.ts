import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until the answer is not undefined, and returns it. After `seconds` it throws with `what` and the last error:
 * every wait in the tests is bounded and says what it waited for.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { seconds = 20, everyMs = 50 }: { seconds?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}
