import { describe, expect, it } from 'vitest';
import { buildShardConfig, type CacheView } from '../../src/controller/tbot/shard-config.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import { shardOf } from '../../src/credentials/shards.ts';
import { createDesiredState } from '../../src/credentials/desired-state.ts';
import { expectGolden, loadGrants } from './golden.ts';
import { binding, expectedBinding, secret } from './objects.ts';

const { config, namespaces } = await loadGrants();
const desiredStateOf = createDesiredState(config);

function printNamespace(index: number): string {
  const namespace = namespaces[index];
  if (namespace === undefined) return '';
  const { optedIn, destinations } = desiredStateOf(namespace);
  const lines = destinations.map(({ bot, output, secretName }) => {
    const shard = shardOf(namespace.name, config.bots[bot]?.shards ?? 1);
    return `  ${output}: Secret ${secretName} of bot ${bot}, shard ${shard}\n`;
  });
  return `${namespace.name}: ${optedIn}\n${lines.join('')}`;
}

/** Every Secret and RoleBinding exists and is valid in every namespace, even where the grant is gone. */
const everywhere: CacheView = {
  namespaces: () => namespaces,
  observed: (name) => {
    const secrets = Object.entries(config.bots).flatMap(([bot, { outputs }]) =>
      Object.entries(outputs).map(([output, { secretName = `tbot-${output}` }]): [string, ObservedSecret] => [
        secretName,
        secret({ name: secretName, namespace: name, bot, output }),
      ]),
    );
    const bindings = Object.keys(config.bots).map((bot): [string, ObservedBinding] => [
      bot,
      binding({ bot, namespace: name }),
    ]);
    return { secrets: new Map(secrets), bindings: new Map(bindings) };
  },
};

describe('grants by name, by selector, to all, and several at once', () => {
  it('give every namespace the desired state of the golden', async () => {
    await expectGolden('desired-state.txt', namespaces.map((_, index) => printNamespace(index)).join(''));
  });

  const shards = Object.entries(config.bots).flatMap(([bot, { shards: count }]) =>
    Array.from({ length: count }, (_, shard) => ({ bot, shard })),
  );

  it.each(shards)('give shard $shard of bot $bot the tbot.yaml of the golden', async ({ bot, shard }) => {
    const { text } = buildShardConfig(
      { config, desiredStateOf, expectedBinding },
      { bot, shard },
      everywhere,
    );
    await expectGolden(`${bot}-${shard}.tbot.yaml`, text);
  });

  it('list every credential in one shard, and in no other', () => {
    const listed = shards.flatMap((shard) => {
      const { text } = buildShardConfig({ config, desiredStateOf, expectedBinding }, shard, everywhere);
      return [...text.matchAll(/^ {4}name: (.+)$/gm)].map(([, name]) => name);
    });
    const desired = namespaces.flatMap((namespace) =>
      desiredStateOf(namespace).destinations.map(({ output }) => `${namespace.name}+${output}`),
    );
    expect(listed.toSorted()).toEqual(desired.toSorted());
  });
});
