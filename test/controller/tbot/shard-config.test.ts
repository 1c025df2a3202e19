import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  buildShardConfig,
  type CacheView,
  type ShardConfig,
} from '../../../src/controller/tbot/shard-config.ts';
import { validateDestinations } from '../../../src/credentials/validation.ts';
import type { Config } from '../../../src/config/schema.ts';
import type { ObservedObjects } from '../../../src/credentials/observed.ts';
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

/** A cache with valid Secrets of bot `a` in each namespace of `changes`, which change them. */
function cacheWith(changes: Readonly<Record<string, Partial<ObservedSecret>>>, outputs = ['one']): CacheView {
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

function build(config: Config, all: CacheView, shard = 0): ShardConfig {
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

describe('every destination of a namespace is validated', () => {
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

describe('the configuration of a shard', () => {
  const config = platform({
    a: bot(ALL, { one: IDENTITY, two: IDENTITY }),
    b: bot(ALL, { three: IDENTITY }),
  });

  it('has the valid destinations of its bot, in the order of their names', () => {
    const shardConfig = build(config, cacheWith({ 'team-2': {}, 'team-10': {} }, ['two', 'one', 'three']));
    expect(names(shardConfig)).toEqual(['team-10+one', 'team-10+two', 'team-2+one', 'team-2+two']);
    expect(shardConfig).toMatchObject({ services: 4, waiting: [] });
  });

  it.each<[string, Partial<ObservedSecret>]>([
    ['is not ours', { bot: undefined }],
    ['is of another bot', { bot: 'b' }],
    ['is made by another writer', { isMadeByUs: false }],
    ['is being deleted', { isDeleting: true }],
    ['is immutable', { hasImmutableField: true }],
    ['has keys of others', { foreignManagers: ['helm'] }],
  ])('has no Secret that %s, and all others', (_, changes) => {
    const shardConfig = build(config, cacheWith({ bad: changes, 'good-1': {}, 'good-2': {} }));
    expect(names(shardConfig)).toEqual(['good-1+one', 'good-2+one']);
    expect(shardConfig.waiting).toEqual([]);
    // Those that the next reconcile replaces do not count as blocked.
    expect(shardConfig.blocked).toBe(changes.isDeleting === true || changes.bot === 'b' ? 0 : 1);
  });

  it('has no namespace that is being deleted or has lost its label', () => {
    const whole = cacheWith({ whole: {} });
    const others = [
      { ...consumer('going'), isTerminating: true },
      { ...consumer('lost'), labels: {} },
    ];
    const all = { ...whole, namespaces: () => [...whole.namespaces(), ...others] };
    expect(names(build(config, all))).toEqual(['whole+one']);
  });

  it('has no services where there are no namespaces', () => {
    expect(build(config, cacheWith({}))).toMatchObject({ services: 0, waiting: [] });
  });

  it('is the same in whatever order namespaces are seen', () => {
    const one = build(config, cacheWith({ a: {}, b: {}, c: {} }));
    expect(build(config, cacheWith({ c: {}, a: {}, b: {} }))).toEqual(one);
  });

  it('is built without reading namespaces that its bot is not granted to', () => {
    const narrow = platform({
      a: bot({ names: ['team-1'] }, { one: IDENTITY }),
      b: bot(ALL, { three: IDENTITY }),
    });
    const all = cacheWith({ 'team-1': {}, 'team-2': {}, 'team-3': {} });
    const read: string[] = [];
    const observed = (namespace: string): ObservedObjects => {
      read.push(namespace);
      return all.observed(namespace);
    };
    expect(names(build(narrow, { ...all, observed }))).toEqual(['team-1+one']);
    expect(read).toEqual(['team-1']);
  });

  it('has the namespaces of its own shard', () => {
    const sharded = platform({
      a: { ...(bot(ALL, { one: IDENTITY }) as object), shards: 3 },
    });
    const all = cacheWith(
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`team-${index}`, {}])),
    );
    const shards = [0, 1, 2].map((shard) => names(build(sharded, all, shard)));
    expect(shards.map(({ length }) => length > 0)).toEqual([true, true, true]);
    expect(shards.flat()).toHaveLength(30);
    expect(new Set(shards.flat()).size).toBe(30);
  });

  it('of an unknown bot is a bug, and throws', () => {
    const options = { config, desiredStateOf: createDesiredState(config), expectedBinding };
    expect(() => buildShardConfig(options, { bot: 'x', shard: 0 }, cacheWith({}))).toThrow(
      'there is no bot x',
    );
  });
});

describe('a shard that is full', () => {
  const MIB = 1_048_576;

  /** So many namespaces, each younger than the one before, in another order. */
  function many(count: number): CacheView {
    const teams = Array.from({ length: count }, (_, index): [string, Partial<ObservedSecret>] => [
      `team-${String(index).padStart(4, '0')}`,
      { createdAt: index },
    ]);
    return cacheWith(Object.fromEntries(teams.toReversed()));
  }

  /** Each service takes a little more than this. */
  const sized = (bytes: number): Config =>
    platform({ a: bot(ALL, { one: { tbot: { type: 'identity', description: 'x'.repeat(bytes) } } }) });

  it('keeps the two thousand oldest services, and the others wait', () => {
    const shardConfig = build(sized(1), many(2_003));
    expect(shardConfig.services).toBe(2_000);
    expect(shardConfig.waiting.map(({ namespace }) => namespace)).toEqual([
      'team-2000',
      'team-2001',
      'team-2002',
    ]);
    expect(Buffer.byteLength(shardConfig.text)).toBeLessThan(MIB);
  });

  it('keeps fewer services if they are large: a ConfigMap has to hold them', () => {
    const shardConfig = build(sized(10_000), many(100));
    expect(shardConfig.services).toBe(88);
    expect(names(shardConfig)).toHaveLength(88);
    expect(shardConfig.waiting.map(({ namespace }) => namespace)).toContain('team-0088');
    expect(Buffer.byteLength(shardConfig.text)).toBeLessThan(MIB);
  });

  it('keeps no service that is larger than a ConfigMap', () => {
    expect(build(sized(950_000), many(2))).toMatchObject({ services: 0, waiting: [{}, {}] });
  });

  it('keeps the same services when one more comes', () => {
    const config = sized(10_000);
    let before: readonly string[] = [];
    for (let count = 80; count < 100; count++) {
      const kept = names(build(config, many(count)));
      expect(kept).toEqual(expect.arrayContaining([...before]));
      before = kept;
    }
    expect(before).toHaveLength(88);
  });
});
