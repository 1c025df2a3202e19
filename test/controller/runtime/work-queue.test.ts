import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkQueue } from '../../../src/controller/runtime/work-queue.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Failure {
  readonly key: string;
  readonly error: unknown;
  readonly delayMs: number;
}

/** A queue that runs `work` for each key, and records what began and what failed. */
function open(work: (key: string) => Promise<void> = () => Promise.resolve(), concurrency = 2) {
  const begun: string[] = [];
  const failures: Failure[] = [];
  let running = 0;
  let most = 0;
  const busy = new Set<string>();
  const queue = new WorkQueue({
    concurrency,
    signal: new AbortController().signal,
    reconcile: async (key) => {
      if (busy.has(key)) throw new Error(`${key} is worked on twice at a time`);
      busy.add(key);
      most = Math.max(most, ++running);
      begun.push(key);
      try {
        await work(key);
        return {};
      } finally {
        running--;
        busy.delete(key);
      }
    },
    onError: (key, error, delayMs) => failures.push({ key, error, delayMs }),
  });
  return { queue, begun, failures, most: () => most };
}

const takes = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a work queue', () => {
  it('works on each added key, in turn', async () => {
    const { queue, begun } = open();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await advance(0);
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(0);
  });

  it('works on as many keys at a time as it may, and on the next as soon as one has ended', async () => {
    const { queue, begun, most } = open(takes(SECOND));
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await advance(SECOND - 1);
    expect(begun).toEqual(['a', 'b']);
    expect(queue.size).toBe(5);
    await advance(1);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await advance(2 * SECOND);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(most()).toBe(2);
    expect(queue.size).toBe(0);
  });

  it('works once on a key that was added often before its turn came', async () => {
    const { queue, begun } = open(takes(SECOND), 1);
    queue.add('first');
    for (let time = 0; time < 100; time++) queue.add('often');
    await advance(10 * SECOND);
    expect(begun).toEqual(['first', 'often']);
  });

  it('works once more on a key that was added during its work, and never on one key twice at a time', async () => {
    const { queue, begun, failures } = open(takes(SECOND), 8);
    queue.add('a');
    await advance(500);
    for (let time = 0; time < 100; time++) queue.add('a');
    expect(begun).toEqual(['a']);
    await advance(10 * SECOND);
    expect(begun).toEqual(['a', 'a']);
    expect(failures).toEqual([]);
  });

  it('never works on one key twice at a time, even if its work adds it at once', async () => {
    const opened = open((key) => {
      if (opened.begun.length < 3) opened.queue.add(key);
      return takes(SECOND)();
    }, 8);
    opened.queue.add('a');
    expect(opened.begun).toEqual(['a']);
    await advance(10 * SECOND);
    expect(opened.begun).toEqual(['a', 'a', 'a']);
    expect(opened.failures).toEqual([]);
  });

  it('never works on more keys than it may, even if work adds others at once', async () => {
    const opened = open((key) => {
      if (key === 'first') for (const other of ['a', 'b', 'c']) opened.queue.add(other);
      return takes(SECOND)();
    }, 2);
    opened.queue.add('first');
    await advance(10 * SECOND);
    expect(opened.begun.toSorted()).toEqual(['a', 'b', 'c', 'first']);
    expect(opened.most()).toBe(2);
  });
});

describe('a key that fails', () => {
  const failing = (bad: string) => (key: string) =>
    key === bad ? Promise.reject(new Error('quota exceeded')) : Promise.resolve();

  it('is reported, and tried again with growing delays', async () => {
    const { queue, begun, failures } = open(failing('bad'));
    queue.add('bad');
    await advance(60 * MINUTE);
    const delays = failures.map(({ delayMs }) => delayMs);
    expect(failures[0]).toMatchObject({ key: 'bad', error: new Error('quota exceeded') });
    delays.forEach((delayMs, index) => {
      const whole = Math.min(SECOND * 2 ** index, 5 * MINUTE);
      expect(delayMs).toBeGreaterThanOrEqual(whole / 2);
      expect(delayMs).toBeLessThanOrEqual(whole);
    });
    // Ten to get to five minutes, and then one in every three to five of them.
    expect(delays.length).toBeGreaterThan(15);
    expect(delays.length).toBeLessThan(40);
    expect(begun).toHaveLength(delays.length);
  });

  it('delays no other key', async () => {
    const { queue, begun } = open(failing('bad'));
    queue.add('bad');
    for (let index = 0; index < 100; index++) queue.add(`good-${index}`);
    await advance(0);
    expect(begun).toHaveLength(101);
    expect(queue.size).toBe(0);
  });

  it('takes one place while it fails slowly, and delays no other key', async () => {
    const { queue, begun } = open(async (key) => {
      if (key !== 'bad') return;
      await takes(10 * SECOND)();
      throw new Error('timeout');
    });
    queue.add('bad');
    for (let index = 0; index < 100; index++) queue.add(`good-${index}`);
    await advance(0);
    expect(begun).toHaveLength(101);
  });

  it('that throws at once is handled like one that rejects', async () => {
    const { queue, failures } = open(() => {
      throw new Error('a bug');
    });
    queue.add('a');
    await advance(0);
    expect(failures).toMatchObject([{ key: 'a', error: new Error('a bug') }]);
  });

  it('starts again with the shortest delay once it has succeeded', async () => {
    let isBad = true;
    const { queue, failures } = open(() => (isBad ? Promise.reject(new Error('down')) : Promise.resolve()));
    queue.add('a');
    await advance(10 * MINUTE);
    const before = failures.length;
    expect(before).toBeGreaterThan(8);
    isBad = false;
    queue.add('a');
    await advance(0);
    isBad = true;
    queue.add('a');
    await advance(0);
    expect(failures).toHaveLength(before + 1);
    expect(failures.at(-1)?.delayMs).toBeLessThanOrEqual(SECOND);
  });

  it('is not tried sooner where a change waits a moment, but when its back-off is over', async () => {
    const { queue, begun, failures } = open(failing('bad'));
    queue.add('bad');
    for (let change = 0; change < 4; change++) {
      queue.addAfter('bad', 10);
      await advance(100);
    }
    expect(begun).toEqual(['bad']);
    await advance(failures[0]?.delayMs ?? 0);
    expect(begun).toEqual(['bad', 'bad']);
  });

  it('takes what changes while it fails for a part of that', async () => {
    const opened = open(async (key) => {
      opened.queue.addAfter(key, 10);
      await takes(100)();
      throw new Error('undone');
    });
    opened.queue.add('bad');
    await advance(10 * MINUTE);
    expect(opened.begun.length).toBeLessThan(20);
  });

  it('is tried at once when it is added again', async () => {
    const { queue, begun } = open(failing('bad'));
    queue.add('bad');
    await advance(0);
    queue.add('bad');
    await advance(0);
    expect(begun).toEqual(['bad', 'bad']);
  });
});

describe('a key for later', () => {
  it('is worked on when its delay is over', async () => {
    const { queue, begun } = open();
    queue.addAfter('a', 10 * MINUTE);
    await advance(10 * MINUTE - 1);
    expect(begun).toEqual([]);
    await advance(1);
    expect(begun).toEqual(['a']);
  });

  it('has one time: the earliest that was set', async () => {
    const { queue, begun } = open();
    queue.addAfter('a', 3 * SECOND);
    queue.addAfter('a', SECOND);
    queue.addAfter('a', 5 * SECOND);
    await advance(SECOND - 1);
    expect(begun).toEqual([]);
    await advance(MINUTE);
    expect(begun).toEqual(['a']);
  });

  it('waits from the end of its reconcile where it was added during that', async () => {
    const { queue, begun } = open(takes(5 * SECOND));
    queue.add('a');
    await advance(SECOND);
    queue.addAfter('a', 2 * SECOND);
    queue.addAfter('a', SECOND);
    await advance(5 * SECOND - 1);
    expect(begun).toEqual(['a']);
    await advance(1);
    expect(begun).toEqual(['a', 'a']);
  });

  it('does not come again if it was reconciled for another reason before', async () => {
    const { queue, begun } = open();
    queue.addAfter('a', SECOND);
    queue.add('a');
    await advance(MINUTE);
    expect(begun).toEqual(['a']);
  });

  it('comes early, and not again and again, where a timer cannot wait that long', async () => {
    const { queue, begun } = open();
    queue.addAfter('a', 1_000 * 365 * 24 * 60 * MINUTE);
    await advance(24 * 60 * MINUTE);
    expect(begun).toEqual([]);
    await advance(30 * 24 * 60 * MINUTE);
    expect(begun).toEqual(['a']);
  });
});

describe('a key that is written to again and again', () => {
  function openLimited(keys: number) {
    const begun: string[] = [];
    const limited: string[] = [];
    const queue = new WorkQueue({
      signal: new AbortController().signal,
      maxWritesPerMinute: 3,
      reconcile: (key) => {
        begun.push(key);
        return Promise.resolve({ writes: 1 });
      },
      onError: () => undefined,
      onRateLimited: (key) => limited.push(key),
    });
    const all = Array.from({ length: keys }, (_, index) => `key-${index}`);
    return { queue, begun, limited, all };
  }

  it('waits, is told of once, and goes on', async () => {
    const { queue, begun, limited } = openLimited(0);
    for (let time = 0; time < 10; time++) {
      queue.add('a');
      await advance(0);
    }
    expect([begun.length, limited]).toEqual([3, ['a']]);
    await advance(2 * MINUTE);
    expect(begun.length).toBeGreaterThan(3);
  });

  it('takes no place from the others, however many wait at once', async () => {
    const { queue, begun, limited, all } = openLimited(5_000);
    for (let time = 0; time < 4; time++) {
      for (const key of all) queue.add(key);
      await advance(0);
    }
    expect(begun).toHaveLength(3 * all.length);
    expect(limited).toHaveLength(all.length);
    queue.add('other');
    await advance(0);
    expect(begun.at(-1)).toBe('other');
  });
});

describe('stopping', () => {
  it('waits for work that has begun, and begins nothing more', async () => {
    const { queue, begun } = open(takes(SECOND));
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.addAfter('later', 100);
    let isStopped = false;
    const stopped = queue.stop().then(() => {
      isStopped = true;
    });
    await advance(SECOND - 1);
    expect(isStopped).toBe(false);
    await advance(1);
    await stopped;
    queue.add('d');
    queue.addAfter('e', 1);
    await advance(MINUTE);
    expect(begun).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for work that fails as well, and does not try it again', async () => {
    const { queue, begun, failures } = open(async () => {
      await takes(SECOND)();
      throw new Error('down');
    });
    queue.add('a');
    const stopped = queue.stop();
    await advance(SECOND);
    await stopped;
    await advance(60 * MINUTE);
    expect(begun).toEqual(['a']);
    expect(failures).toHaveLength(1);
  });

  it('ends at once where no work has begun', async () => {
    await open().queue.stop();
  });
});
