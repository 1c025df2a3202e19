import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assignServices,
  MAX_CONFIG_BYTES,
  MAX_SERVICES,
  shardOf,
  type ShardCandidate,
} from '../../src/credentials/shards.ts';

describe('the shard of a namespace', () => {
  // A change of these values would move every credential of every installation to another tbot.
  it.each<[string, number, number, number]>([
    ['payments', 0, 2, 38],
    ['checkout', 1, 1, 57],
    ['team-a', 0, 2, 22],
    ['team-b', 1, 3, 3],
    ['default', 0, 2, 30],
  ])('of %s is %i of 2, %i of 4, %i of 64', (name, of2, of4, of64) => {
    expect([2, 4, 64].map((shards) => shardOf(name, shards))).toEqual([of2, of4, of64]);
  });

  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('goes by FNV-1a, as its authors give it for %j', (name, hash) => {
    expect(shardOf(name, 2 ** 32)).toBe(hash);
  });

  it('is the only one where there is one', () => {
    fc.assert(fc.property(fc.string(), (name) => shardOf(name, 1) === 0));
  });

  it.each([2, 3, 4, 8, 10, 16, 64])('2,000 names spread over %i', (shards) => {
    for (const nameOf of [(index: number) => `team-${index}`, (index: number) => `preview-${index * 7}-eu`]) {
      const counts = new Array<number>(shards).fill(0);
      for (let index = 0; index < 2_000; index++) {
        const shard = shardOf(nameOf(index), shards);
        counts[shard] = (counts[shard] ?? NaN) + 1;
      }
      const even = 2_000 / shards;
      expect(Math.max(...counts)).toBeLessThan(even + 5 * Math.sqrt(even));
      expect(Math.min(...counts)).toBeGreaterThan(even - 5 * Math.sqrt(even));
    }
  });
});

const arbitraryCandidate: fc.Arbitrary<ShardCandidate> = fc
  .record({
    namespace: fc.constantFrom('a', 'b', 'c', 'team-1', 'team-10', 'team-2'),
    output: fc.constantFrom('one', 'two', 'three', 'four'),
    createdAt: fc.integer({ min: 0, max: 5 }),
    bulk: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ bulk, ...rest }) => ({ ...rest, secretName: `tbot-${rest.output}`, fields: { bulk } }));

const keyOf = ({ namespace, output }: ShardCandidate): string => `${namespace}/${output}`;
const arbitraryCandidates = fc.uniqueArray(arbitraryCandidate, { maxLength: 24, selector: keyOf });
const arbitraryRoom = fc.record({
  services: fc.integer({ min: 0, max: 12 }),
  bytes: fc.integer({ min: 0, max: 300 }),
  sizeOf: fc.constant(({ fields }: ShardCandidate) => fields['bulk'] as number),
});

const sizeOf = (candidates: readonly ShardCandidate[]): number =>
  candidates.reduce((sum, { fields }) => sum + (fields['bulk'] as number), 0);

describe('the services that a shard keeps', () => {
  const everywhere = fc.tuple(arbitraryCandidates, arbitraryRoom);
  const always = (
    law: (candidates: ShardCandidate[], room: Parameters<typeof assignServices>[1]) => void,
  ): void => {
    fc.assert(
      fc.property(everywhere, ([candidates, room]) => {
        law(candidates, room);
      }),
      { numRuns: 1000 },
    );
  };

  it('and those that wait are all there are, each once', () => {
    always((candidates, room) => {
      const { assigned: listed, waiting } = assignServices(candidates, room);
      expect([...listed, ...waiting].map(keyOf).toSorted()).toEqual(candidates.map(keyOf).toSorted());
    });
  });

  it('are never more than there is room for', () => {
    always((candidates, room) => {
      const { assigned: listed } = assignServices(candidates, room);
      expect(listed.length).toBeLessThanOrEqual(room?.services ?? 0);
      expect(sizeOf(listed)).toBeLessThanOrEqual(room?.bytes ?? 0);
    });
  });

  it('are as many as there is room for: the oldest of those that wait would not fit', () => {
    always((candidates, room) => {
      const { assigned: listed, waiting } = assignServices(candidates, room);
      const [next] = waiting;
      if (next === undefined) return;
      const isFull = listed.length === room?.services || sizeOf([...listed, next]) > (room?.bytes ?? 0);
      expect(isFull).toBe(true);
    });
  });

  it('do not depend on the order in which they came', () => {
    const shuffled = everywhere.chain(([candidates, room]) =>
      fc.tuple(
        fc.constant(candidates),
        fc.shuffledSubarray(candidates, { minLength: candidates.length }),
        fc.constant(room),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([one, other, room]) => {
        expect(assignServices(other, room)).toEqual(assignServices(one, room));
      }),
      { numRuns: 1000 },
    );
  });

  it('stay when a younger one comes, however large', () => {
    always((candidates, room) => {
      const younger = {
        namespace: 'new',
        output: 'one',
        secretName: 's',
        fields: { bulk: 1_000 },
        createdAt: 6,
      };
      const { assigned: listed } = assignServices([younger, ...candidates], room);
      expect(listed).toEqual(expect.arrayContaining([...assignServices(candidates, room).assigned]));
    });
  });

  it('are older than all that wait', () => {
    always((candidates, room) => {
      const { assigned: listed, waiting } = assignServices(candidates, room);
      const youngest = Math.max(...listed.map(({ createdAt }) => createdAt));
      for (const { createdAt } of waiting) expect(createdAt).toBeGreaterThanOrEqual(youngest);
    });
  });

  it('stand in the order of their names', () => {
    always((candidates, room) => {
      const names = assignServices(candidates, room).assigned.map(keyOf);
      expect(names).toEqual(names.toSorted());
    });
  });

  it('are two thousand, and no more', () => {
    const many = Array.from({ length: MAX_SERVICES + 3 }, (_, index) => ({
      namespace: `team-${index}`,
      output: 'one',
      secretName: 'tbot-one',
      fields: {},
      createdAt: index,
    }));
    const { assigned: listed, waiting } = assignServices(many);
    expect(listed).toHaveLength(MAX_SERVICES);
    expect(waiting.map(({ namespace }) => namespace)).toEqual(['team-2000', 'team-2001', 'team-2002']);
    // A ConfigMap holds that much.
    expect(MAX_CONFIG_BYTES).toBeLessThan(1_048_576);
  });
});
