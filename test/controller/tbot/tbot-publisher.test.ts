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
/** The desired tbot.yaml, and its number of services. */
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

/** A controller that has just started. */
function start(): TbotPublisher {
  return new TbotPublisher({
    store: tbot,
    render: () => desired,
    now: () => new Date(now),
    onRestart: () => restarts.push(now),
  });
}

function setDesired(text: string, services = 1): void {
  desired = { text, services };
}

/** Publishes for `ms`, whenever the publisher asks for it and at least every `atLeastEveryMs`. */
async function publishFor(ms: number, atLeastEveryMs = 30 * SECOND): Promise<void> {
  const end = now + ms;
  for (;;) {
    const wait = Math.min((await publisher.publish()) ?? atLeastEveryMs, atLeastEveryMs);
    if (now + wait >= end) break;
    now += wait;
  }
  now = end;
}

describe('the first configuration', () => {
  it('is written before the waiting pod starts, and costs no restart', async () => {
    expect(await publisher.publish()).toBeUndefined();
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
    expect(tbot.writes).toEqual(['restart', 'config']);
    expect(restarts).toEqual([]);
    await publishFor(10 * MINUTE);
    expect(tbot.writes).toHaveLength(2);
  });

  it('waits until there is a service', async () => {
    setDesired('none', 0);
    await publishFor(MINUTE);
    expect(tbot.writes).toEqual([]);
    setDesired('one', 1);
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
    await publishFor(10 * MINUTE);
    tbot.writes.length = 0;
  });

  it('is written at once, and read by tbot when no further change comes', async () => {
    setDesired('two');
    expect(await publisher.publish()).toBe(10 * SECOND);
    expect(tbot).toMatchObject({ config: 'two', running: 'one' });
    now += 10 * SECOND;
    expect(await publisher.publish()).toBeUndefined();
    expect(tbot).toMatchObject({ running: 'two', interruptions: 1 });
    expect(restarts).toEqual([now]);
  });

  it('without effect causes no write', async () => {
    await publishFor(60 * MINUTE);
    expect(tbot.writes).toEqual([]);
    expect(tbot.reads).toBeGreaterThan(100);
  });

  it('that removes the last service reaches tbot as well', async () => {
    setDesired('none', 0);
    await publishFor(MINUTE);
    expect(tbot.running).toBe('none');
  });

  it('that is reverted in time costs no restart', async () => {
    setDesired('two');
    await publishFor(5 * SECOND);
    setDesired('one');
    await publishFor(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it('that comes again after a revert waits for quiet again', async () => {
    setDesired('two');
    await publishFor(5 * SECOND);
    setDesired('one');
    await publishFor(10 * MINUTE);
    setDesired('two');
    expect(await publisher.publish()).toBe(10 * SECOND);
    expect(tbot.interruptions).toBe(0);
  });

  it('a hundred times within a minute costs one restart', async () => {
    for (let change = 1; change <= 100; change++) {
      setDesired(`change ${change}`);
      await publishFor(590);
    }
    await publishFor(10 * MINUTE);
    expect(tbot).toMatchObject({ running: 'change 100', interruptions: 1 });
    expect(restarts).toHaveLength(1);
  });

  it('every five seconds still reaches tbot, once a minute', async () => {
    for (let change = 1; change <= 120; change++) {
      setDesired(`change ${change}`);
      await publishFor(5 * SECOND);
    }
    expect(restarts.length).toBeGreaterThanOrEqual(8);
    expect(restarts.length).toBeLessThanOrEqual(10);
  });

  it('by another writer is reverted without a restart: the running tbot has not read it', async () => {
    tbot.config = 'theirs';
    await publisher.publish();
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it('that deletes the ConfigMap is reverted, and nothing is restarted', async () => {
    tbot.config = undefined;
    await publisher.publish();
    expect(tbot).toMatchObject({ config: 'one', interruptions: 0 });
    expect(tbot.writes).toEqual(['config']);
  });

  it('of the Deployment to a new one restarts it once', async () => {
    tbot.hash = undefined;
    tbot.restartedAt = undefined;
    await publishFor(MINUTE);
    expect(restarts).toHaveLength(1);
    await publishFor(10 * MINUTE);
    expect(restarts).toHaveLength(1);
  });

  const changes = fc.array(
    fc.record({ text: fc.constantFrom('a', 'b', 'c', 'd'), ms: fc.nat(90 * SECOND) }),
    {
      maxLength: 30,
    },
  );

  it('may come at any time: two restarts are a minute apart, and tbot gets the last change', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 500, max: 30 * SECOND }), async (list, atLeastEveryMs) => {
        tbot = new MemoryTbot();
        restarts = [];
        publisher = start();
        for (const { text, ms } of list) {
          setDesired(text);
          await publishFor(ms, atLeastEveryMs);
        }
        await publishFor(3 * MINUTE, atLeastEveryMs);
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
    await publishFor(10 * MINUTE);
  });

  it.each([6 * SECOND, MINUTE, 60 * MINUTE, 365 * 24 * 60 * MINUTE])(
    'by %i ms delays a change by two minutes at most',
    async (jump) => {
      setDesired('two');
      await publishFor(MINUTE);
      setDesired('three');
      await publishFor(3 * SECOND);
      now -= jump;
      await publishFor(2 * MINUTE);
      expect(tbot.running).toBe('three');
    },
  );

  it('again and again does not withhold a change from tbot', async () => {
    setDesired('two');
    for (let time = 0; time < 20; time++) {
      await publishFor(7 * SECOND, SECOND);
      now -= 6 * SECOND;
    }
    expect(tbot.running).toBe('two');
  });

  it('ahead makes a restart earlier, and does nothing else', async () => {
    setDesired('two');
    await publisher.publish();
    now += 24 * 60 * MINUTE;
    await publisher.publish();
    expect(tbot).toMatchObject({ running: 'two', interruptions: 1 });
  });
});

describe('a controller that has lost the leadership', () => {
  it('writes nothing', async () => {
    loseAfter(0);
    await expect(publisher.publish()).rejects.toThrow('leads no longer');
    setDesired('two');
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
    await expect(publishFor(10 * MINUTE)).rejects.toThrow('leads no longer');
    expect(tbot.writes).toEqual(['restart']);
  });

  it('writes nothing more, in the middle of a change that is due', async () => {
    await publishFor(10 * MINUTE);
    setDesired('two');
    await publisher.publish();
    now += 20 * SECOND;
    tbot.config = 'theirs';
    loseAfter(1);
    await expect(publishFor(10 * MINUTE)).rejects.toThrow('leads no longer');
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

  const killAt = ([what, when]: (typeof places)[number]): void => {
    tbot.onWrite = (...at) => {
      if (at[0] === what && at[1] === when) throw new Error('killed');
    };
  };

  /** Its successor, which remembers nothing. */
  const startSuccessor = (): void => {
    tbot.onWrite = () => undefined;
    publisher = start();
  };

  it.each(places)('during the first write of %s, %s it: the successor completes it', async (...place) => {
    killAt(place);
    await expect(publisher.publish()).rejects.toThrow('killed');
    startSuccessor();
    await publishFor(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'one', running: 'one', interruptions: 0 });
  });

  it.each(places)('during a write of %s, %s it, while the desired state changes', async (...place) => {
    killAt(place);
    await expect(publisher.publish()).rejects.toThrow('killed');
    startSuccessor();
    setDesired('two');
    await publishFor(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'two', running: 'two' });
  });

  it.each(places)('during a later write of %s, %s it: the successor completes it', async (...place) => {
    await publishFor(10 * MINUTE);
    setDesired('two');
    killAt(place);
    await expect(publishFor(MINUTE)).rejects.toThrow('killed');
    startSuccessor();
    await publishFor(10 * MINUTE);
    expect(tbot).toMatchObject({ config: 'two', running: 'two', interruptions: 1 });
  });

  it('again and again publishes the configuration in the end', async () => {
    let writes = 0;
    tbot.onWrite = () => {
      if (++writes % 3 === 0) throw new Error('killed');
    };
    for (let life = 0; life < 20; life++) {
      setDesired(`life ${life}`);
      publisher = start();
      await publishFor(MINUTE).catch(() => undefined);
    }
    startSuccessor();
    await publishFor(10 * MINUTE);
    expect(tbot.running).toBe('life 19');
  });
});
