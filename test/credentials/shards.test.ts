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
  // If these values change, every credential of every installation moves to another tbot.
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
  ])('is the FNV-1a hash that its authors publish for %j', (name, hash) => {
    expect(shardOf(name, 2 ** 32)).toBe(hash);
  });

  it('is shard 0 where there is one shard', () => {
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
const arbitraryCapacity = fc.record({
  services: fc.integer({ min: 0, max: 12 }),
  bytes: fc.integer({ min: 0, max: 300 }),
  sizeOf: fc.constant(({ fields }: ShardCandidate) => fields['bulk'] as number),
});

const sizeOf = (candidates: readonly ShardCandidate[]): number =>
  candidates.reduce((sum, { fields }) => sum + (fields['bulk'] as number), 0);

describe('the services of a shard', () => {
  const everywhere = fc.tuple(arbitraryCandidates, arbitraryCapacity);
  const always = (
    law: (candidates: ShardCandidate[], capacity: Parameters<typeof assignServices>[1]) => void,
  ): void => {
    fc.assert(
      fc.property(everywhere, ([candidates, capacity]) => {
        law(candidates, capacity);
      }),
      { numRuns: 1000 },
    );
  };

  it('together with the waiting ones are all candidates, each once', () => {
    always((candidates, capacity) => {
      const { assigned, waiting } = assignServices(candidates, capacity);
      expect([...assigned, ...waiting].map(keyOf).toSorted()).toEqual(candidates.map(keyOf).toSorted());
    });
  });

  it('never exceed the capacity', () => {
    always((candidates, capacity) => {
      const { assigned } = assignServices(candidates, capacity);
      expect(assigned.length).toBeLessThanOrEqual(capacity?.services ?? 0);
      expect(sizeOf(assigned)).toBeLessThanOrEqual(capacity?.bytes ?? 0);
    });
  });

  it('fill the capacity: the oldest waiting one does not fit', () => {
    always((candidates, capacity) => {
      const { assigned, waiting } = assignServices(candidates, capacity);
      const [next] = waiting;
      if (next === undefined) return;
      const isFull =
        assigned.length === capacity?.services || sizeOf([...assigned, next]) > (capacity?.bytes ?? 0);
      expect(isFull).toBe(true);
    });
  });

  it('do not depend on the order of the candidates', () => {
    const shuffled = everywhere.chain(([candidates, capacity]) =>
      fc.tuple(
        fc.constant(candidates),
        fc.shuffledSubarray(candidates, { minLength: candidates.length }),
        fc.constant(capacity),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([one, other, capacity]) => {
        expect(assignServices(other, capacity)).toEqual(assignServices(one, capacity));
      }),
      { numRuns: 1000 },
    );
  });

  it('stay when a younger candidate comes, however large it is', () => {
    always((candidates, capacity) => {
      const younger = {
        namespace: 'new',
        output: 'one',
        secretName: 's',
        fields: { bulk: 1_000 },
        createdAt: 6,
      };
      const { assigned } = assignServices([younger, ...candidates], capacity);
      expect(assigned).toEqual(expect.arrayContaining([...assignServices(candidates, capacity).assigned]));
    });
  });

  it('are older than all waiting ones', () => {
    always((candidates, capacity) => {
      const { assigned, waiting } = assignServices(candidates, capacity);
      const youngest = Math.max(...assigned.map(({ createdAt }) => createdAt));
      for (const { createdAt } of waiting) expect(createdAt).toBeGreaterThanOrEqual(youngest);
    });
  });

  it('are sorted by name', () => {
    always((candidates, capacity) => {
      const names = assignServices(candidates, capacity).assigned.map(keyOf);
      expect(names).toEqual(names.toSorted());
    });
  });

  it('are at most two thousand', () => {
    const many = Array.from({ length: MAX_SERVICES + 3 }, (_, index) => ({
      namespace: `team-${index}`,
      output: 'one',
      secretName: 'tbot-one',
      fields: {},
      createdAt: index,
    }));
    const { assigned, waiting } = assignServices(many);
    expect(assigned).toHaveLength(MAX_SERVICES);
    expect(waiting.map(({ namespace }) => namespace)).toEqual(['team-2000', 'team-2001', 'team-2002']);
    // The size of a ConfigMap.
    expect(MAX_CONFIG_BYTES).toBeLessThan(1_048_576);
  });
});
