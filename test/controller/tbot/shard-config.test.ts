import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  validateDestinations,
  buildShardConfig,
  type CacheView,
  type ShardConfig,
} from '../../../src/controller/tbot/shard-config.ts';
import type { Config } from '../../../src/config/schema.ts';
import type { ObservedObjects } from '../../../src/credentials/actions.ts';
import type { ObservedSecret } from '../../../src/credentials/observed.ts';
import { createDesiredState, type ConsumerNamespace } from '../../../src/credentials/desired-state.ts';
import { binding, destination, expectedBinding, secret, optedInWith } from '../../credentials/objects.ts';
import { bot, platform } from '../../grants/platform.ts';

const ENABLED = { 'tbot-injector.io/injection': 'enabled' };
const ALL = { all: true, acceptClusterWide: true };
const IDENTITY = { tbot: { type: 'identity' } };

function consumer(name: string): ConsumerNamespace {
  return { name, labels: ENABLED, isTerminating: false };
}

/** What stands in each namespace: sound Secrets of bot `a`, but for `changes`. */
function seen(changes: Readonly<Record<string, Partial<ObservedSecret>>>, outputs = ['one']): CacheView {
  const observed = (namespace: string): ObservedObjects => ({
    secrets: new Map(
      outputs.map((output) => {
        const name = `tbot-${output}`;
        return [name, secret({ name, namespace, output, ...changes[namespace] })];
      }),
    ),
    bindings: new Map([['a', binding({ namespace })]]),
  });
  return { namespaces: () => Object.keys(changes).map(consumer), observed };
}

function list(config: Config, all: CacheView, shard = 0): ShardConfig {
  return buildShardConfig(
    { config, desiredStateOf: createDesiredState(config), expectedBinding },
    { bot: 'a', shard },
    all,
  );
}

function names({ text }: ShardConfig): readonly string[] {
  const { services } = parse(text) as { services: readonly { name: string }[] };
  return services.map(({ name }) => name);
}

describe('every destination of a namespace is judged', () => {
  it('by its own Secret and the RoleBinding of its bot', () => {
    const desired = optedInWith(
      destination(),
      destination({ output: 'two', secretName: 'tbot-two' }),
      destination({ bot: 'b', output: 'three', secretName: 'three' }),
    );
    const observed = {
      secrets: new Map([
        ['tbot-one', secret({ createdAt: 5 })],
        ['three', secret({ bot: 'b', output: 'three' })],
      ]),
      bindings: new Map([['a', binding()]]),
    };
    expect(validateDestinations(desired, observed, expectedBinding)).toMatchObject([
      { destination: { output: 'one' }, invalidReason: undefined, createdAt: 5 },
      { destination: { output: 'two' }, invalidReason: 'secret-missing', createdAt: 0 },
      { destination: { output: 'three' }, invalidReason: 'binding-missing' },
    ]);
  });
});

describe('tbot is told', () => {
  const config = platform({
    a: bot(ALL, { one: IDENTITY, two: IDENTITY }),
    b: bot(ALL, { three: IDENTITY }),
  });

  it('of the sound destinations of its bot, in the order of their names', () => {
    const listing = list(config, seen({ 'team-2': {}, 'team-10': {} }, ['two', 'one', 'three']));
    expect(names(listing)).toEqual(['team-10+one', 'team-10+two', 'team-2+one', 'team-2+two']);
    expect(listing).toMatchObject({ services: 4, waiting: [] });
  });

  it.each<[string, Partial<ObservedSecret>]>([
    ['is not ours', { bot: undefined }],
    ['is of another bot', { bot: 'b' }],
    ['is made by somebody else', { isMadeByUs: false }],
    ['is being deleted', { isDeleting: true }],
    ['is immutable', { hasImmutableField: true }],
    ['has keys of others', { foreignManagers: ['helm'] }],
  ])('of no Secret that %s, and of all others', (_, changes) => {
    const listing = list(config, seen({ bad: changes, 'good-1': {}, 'good-2': {} }));
    expect(names(listing)).toEqual(['good-1+one', 'good-2+one']);
    expect(listing.waiting).toEqual([]);
    // Those that the next pass mends are no news.
    expect(listing.blocked).toBe(changes.isDeleting === true || changes.bot === 'b' ? 0 : 1);
  });

  it('of no namespace that is being deleted, or has lost its label', () => {
    const whole = seen({ whole: {} });
    const others = [
      { ...consumer('going'), isTerminating: true },
      { ...consumer('lost'), labels: {} },
    ];
    const all = { ...whole, namespaces: () => [...whole.namespaces(), ...others] };
    expect(names(list(config, all))).toEqual(['whole+one']);
  });

  it('of nothing, where there is nothing', () => {
    expect(list(config, seen({}))).toMatchObject({ services: 0, waiting: [] });
  });

  it('the same, in whatever order namespaces are seen', () => {
    const one = list(config, seen({ a: {}, b: {}, c: {} }));
    expect(list(config, seen({ c: {}, a: {}, b: {} }))).toEqual(one);
  });

  it('nothing by looking into namespaces that its bot is not granted to', () => {
    const narrow = platform({
      a: bot({ names: ['team-1'] }, { one: IDENTITY }),
      b: bot(ALL, { three: IDENTITY }),
    });
    const all = seen({ 'team-1': {}, 'team-2': {}, 'team-3': {} });
    const looked: string[] = [];
    const observed = (namespace: string): ObservedObjects => {
      looked.push(namespace);
      return all.observed(namespace);
    };
    expect(names(list(narrow, { ...all, observed }))).toEqual(['team-1+one']);
    expect(looked).toEqual(['team-1']);
  });

  it('in each shard of its own namespaces', () => {
    const sharded = platform({
      a: { ...(bot(ALL, { one: IDENTITY }) as object), shards: 3 },
    });
    const all = seen(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`team-${index}`, {}])));
    const shards = [0, 1, 2].map((shard) => names(list(sharded, all, shard)));
    expect(shards.map(({ length }) => length > 0)).toEqual([true, true, true]);
    expect(shards.flat()).toHaveLength(30);
    expect(new Set(shards.flat()).size).toBe(30);
  });

  it('of nobody, where there is no such bot: that would be a bug', () => {
    const options = { config, desiredStateOf: createDesiredState(config), expectedBinding };
    expect(() => buildShardConfig(options, { bot: 'x', shard: 0 }, seen({}))).toThrow('there is no bot x');
  });
});

describe('a shard that is full', () => {
  const MIB = 1_048_576;

  /** So many namespaces, each younger than the one before; seen in another order. */
  function many(count: number): CacheView {
    const teams = Array.from({ length: count }, (_, index): [string, Partial<ObservedSecret>] => [
      `team-${String(index).padStart(4, '0')}`,
      { createdAt: index },
    ]);
    return seen(Object.fromEntries(teams.toReversed()));
  }

  /** Each service takes a little more than this. */
  const sized = (bytes: number): Config =>
    platform({ a: bot(ALL, { one: { tbot: { type: 'identity', description: 'x'.repeat(bytes) } } }) });

  it('keeps two thousand services, the oldest, and lets the others wait', () => {
    const listing = list(sized(1), many(2_003));
    expect(listing.services).toBe(2_000);
    expect(listing.waiting.map(({ namespace }) => namespace)).toEqual([
      'team-2000',
      'team-2001',
      'team-2002',
    ]);
    expect(Buffer.byteLength(listing.text)).toBeLessThan(MIB);
  });

  it('keeps fewer where they are large: a ConfigMap has to hold them', () => {
    const listing = list(sized(10_000), many(100));
    expect(listing.services).toBe(88);
    expect(names(listing)).toHaveLength(88);
    expect(listing.waiting.map(({ namespace }) => namespace)).toContain('team-0088');
    expect(Buffer.byteLength(listing.text)).toBeLessThan(MIB);
  });

  it('keeps none that is larger than itself', () => {
    expect(list(sized(950_000), many(2))).toMatchObject({ services: 0, waiting: [{}, {}] });
  });

  it('keeps those that it had when one more comes', () => {
    const config = sized(10_000);
    let before: readonly string[] = [];
    for (let count = 80; count < 100; count++) {
      const listed = names(list(config, many(count)));
      expect(listed).toEqual(expect.arrayContaining([...before]));
      before = listed;
    }
    expect(before).toHaveLength(88);
  });
});
