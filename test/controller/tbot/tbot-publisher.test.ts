import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { TbotPublisher } from '../../../src/controller/tbot/tbot-publisher.ts';
import { notLeading } from '../not-leading.ts';
import { MemoryTbot, type TbotWrite } from './memory-tbot.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.parse('2026-01-01T00:00:00Z');

let tbot: MemoryTbot;
let now: number;
/** What tbot.yaml is to be, and of how many services. */
let desired: { text: string; services: number };
let restarts: number[];
let publisher: TbotPublisher;

beforeEach(() => {
  tbot = new MemoryTbot();
  now = START;
  desired = { text: 'one', services: 1 };
  restarts = [];
  publisher = start();
});

/** A controller that knows nothing yet. */
function start(): TbotPublisher {
  return new TbotPublisher({
    store: tbot,
    render: () => desired,
    now: () => new Date(now),
    onRestart: () => restarts.push(now),
  });
}

function want(text: string, services = 1): void {
  desired = { text, services };
}

/** Publishes as often as it asks for, and at least every so often, for so long. */
async function keep(ms: number, lookEveryMs = 30 * SECOND): Promise<void> {
  const end = now + ms;
  for (;;) {
    const wait = Math.min((await publisher.publish()) ?? lookEveryMs, lookEveryMs);
    if (now + wait >= end) break;
    now += wait;
  }
  now = end;
}

describe('the first configuration', () => {
  it('is written before the waiting pod can have read another, and costs no other start', async () => {
    expect(await publisher.publish()).toBeUndefined();
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
    expect(tbot.writes).toEqual(['restart', 'config']);
    expect(restarts).toEqual([]);
    await keep(10 * MINUTE);
    expect(tbot.writes).toHaveLength(2);
  });

  it('waits until there is a service', async () => {
    want('none', 0);
    await keep(MINUTE);
    expect(tbot.writes).toEqual([]);
    want('one', 1);
    await publisher.publish();
    expect(tbot.running).toBe('one');
  });

  it('waits for its Deployment', async () => {
    tbot.isThere = false;
    expect(await publisher.publish()).toBeUndefined();
    expect(tbot.writes).toEqual([]);
  });
});

describe('a change', () => {
  beforeEach(async () => {
    await keep(10 * MINUTE);
    tbot.writes.length = 0;
  });

  it('is written at once, and read by tbot when changes have come to an end', async () => {
    want('two');
    expect(await publisher.publish()).toBe(10 * SECOND);
    expect(tbot).toMatchObject({ config: 'two', running: 'one' });
    now += 10 * SECOND;
    expect(await publisher.publish()).toBeUndefined();
    expect(tbot).toMatchObject({ running: 'two', interruptions: 1 });
    expect(restarts).toEqual([now]);
  });

  it('of no effect is followed by no write', async () => {
    await keep(60 * MINUTE);
    expect(tbot.writes).toEqual([]);
    expect(tbot.reads).toBeGreaterThan(100);
  });

  it('that took the last service away reaches tbot as well', async () => {
    want('none', 0);
    await keep(MINUTE);
    expect(tbot.running).toBe('none');
  });

  it('that is taken back in time costs no restart', async () => {
    want('two');
    await keep(5 * SECOND);
    want('one');
    await keep(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it('that comes again after it was taken back waits for quiet again', async () => {
    want('two');
    await keep(5 * SECOND);
    want('one');
    await keep(10 * MINUTE);
    want('two');
    expect(await publisher.publish()).toBe(10 * SECOND);
    expect(tbot.interruptions).toBe(0);
  });

  it('a hundred times within a minute costs one restart', async () => {
    for (let change = 1; change <= 100; change++) {
      want(`change ${change}`);
      await keep(590);
    }
    await keep(10 * MINUTE);
    expect(tbot).toMatchObject({ running: 'change 100', interruptions: 1 });
    expect(restarts).toHaveLength(1);
  });

  it('every five seconds for ever still reaches tbot, once a minute', async () => {
    for (let change = 1; change <= 120; change++) {
      want(`change ${change}`);
      await keep(5 * SECOND);
    }
    expect(restarts.length).toBeGreaterThanOrEqual(8);
    expect(restarts.length).toBeLessThanOrEqual(10);
  });

  it('of somebody else is put right without a restart: the running tbot has not read it', async () => {
    tbot.config = 'theirs';
    await publisher.publish();
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it('after the ConfigMap was deleted comes back, and nothing is restarted', async () => {
    tbot.config = undefined;
    await publisher.publish();
    expect(tbot).toMatchObject({ config: 'one', interruptions: 0 });
    expect(tbot.writes).toEqual(['config']);
  });

  it('of a Deployment that was made anew is read by it', async () => {
    tbot.hash = undefined;
    tbot.restartedAt = undefined;
    await keep(MINUTE);
    expect(restarts).toHaveLength(1);
    await keep(10 * MINUTE);
    expect(restarts).toHaveLength(1);
  });

  const changes = fc.array(
    fc.record({ text: fc.constantFrom('a', 'b', 'c', 'd'), ms: fc.nat(90 * SECOND) }),
    {
      maxLength: 30,
    },
  );

  it('whenever it comes: two restarts are a minute apart, and tbot has the last one in the end', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 500, max: 30 * SECOND }), async (list, lookEveryMs) => {
        tbot = new MemoryTbot();
        restarts = [];
        publisher = start();
        for (const { text, ms } of list) {
          want(text);
          await keep(ms, lookEveryMs);
        }
        await keep(3 * MINUTE, lookEveryMs);
        expect(tbot.running).toBe(desired.text);
        restarts.forEach((at, index) => {
          expect(at - (restarts[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(MINUTE);
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a clock that is set back', () => {
  beforeEach(async () => {
    await keep(10 * MINUTE);
  });

  it.each([6 * SECOND, MINUTE, 60 * MINUTE, 365 * 24 * 60 * MINUTE])(
    'by %i ms delays a change by two minutes at most',
    async (jump) => {
      want('two');
      await keep(MINUTE);
      want('three');
      await keep(3 * SECOND);
      now -= jump;
      await keep(2 * MINUTE);
      expect(tbot.running).toBe('three');
    },
  );

  it('again and again does not keep a change from tbot', async () => {
    want('two');
    for (let time = 0; time < 20; time++) {
      await keep(7 * SECOND, SECOND);
      now -= 6 * SECOND;
    }
    expect(tbot.running).toBe('two');
  });

  it('ahead hurries a restart, and no more', async () => {
    want('two');
    await publisher.publish();
    now += 24 * 60 * MINUTE;
    await publisher.publish();
    expect(tbot).toMatchObject({ running: 'two', interruptions: 1 });
  });
});

describe('a controller that leads no longer', () => {
  it('writes nothing', async () => {
    loseAfter(0);
    await expect(publisher.publish()).rejects.toThrow('leads no longer');
    want('two');
    await expect(publisher.publish()).rejects.toThrow('leads no longer');
    expect(tbot.writes).toEqual([]);
    expect(restarts).toEqual([]);
  });

  /** After so many more writes another controller leads. */
  const loseAfter = (writes: number): void => {
    tbot.writes.length = 0;
    tbot.onWrite = (_, when) => {
      if (when === 'before' && tbot.writes.length >= writes) throw notLeading();
    };
  };

  it('writes nothing more, in the middle of the first configuration', async () => {
    loseAfter(1);
    await expect(keep(10 * MINUTE)).rejects.toThrow('leads no longer');
    expect(tbot.writes).toEqual(['restart']);
  });

  it('writes nothing more, in the middle of a change that is due', async () => {
    await keep(10 * MINUTE);
    want('two');
    await publisher.publish();
    now += 20 * SECOND;
    tbot.config = 'theirs';
    loseAfter(1);
    await expect(keep(10 * MINUTE)).rejects.toThrow('leads no longer');
    expect(tbot.writes).toEqual(['config']);
    expect(restarts).toEqual([]);
  });
});

describe('a controller that is killed', () => {
  const places: readonly (readonly [TbotWrite, 'before' | 'after'])[] = [
    ['config', 'before'],
    ['config', 'after'],
    ['restart', 'before'],
    ['restart', 'after'],
  ];

  const dieAt = ([what, when]: (typeof places)[number]): void => {
    tbot.onWrite = (...at) => {
      if (at[0] === what && at[1] === when) throw new Error('killed');
    };
  };

  /** Its successor, which remembers nothing. */
  const succeed = (): void => {
    tbot.onWrite = () => undefined;
    publisher = start();
  };

  it.each(places)('around the first write of %s, %s it: the successor ends it', async (...place) => {
    dieAt(place);
    await expect(publisher.publish()).rejects.toThrow('killed');
    succeed();
    await keep(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it.each(places)('and the wanted changes meanwhile, around %s, %s it', async (...place) => {
    dieAt(place);
    await expect(publisher.publish()).rejects.toThrow('killed');
    succeed();
    want('two');
    await keep(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'two', running: 'two' });
  });

  it.each(places)('around a later write of %s, %s it: the successor ends it', async (...place) => {
    await keep(10 * MINUTE);
    want('two');
    dieAt(place);
    await expect(keep(MINUTE)).rejects.toThrow('killed');
    succeed();
    await keep(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'two', running: 'two', interruptions: 1 });
  });

  it('again and again ends, too', async () => {
    let writes = 0;
    tbot.onWrite = () => {
      if (++writes % 3 === 0) throw new Error('killed');
    };
    for (let life = 0; life < 20; life++) {
      want(`life ${life}`);
      publisher = start();
      await keep(MINUTE).catch(() => undefined);
    }
    succeed();
    await keep(10 * MINUTE);
    expect(tbot.running).toBe('life 19');
  });
});
