import jsonpatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { decideGolden } from '../golden/decide-golden.ts';
import { loadGoldens, loadManifests, loadPlatform } from '../golden/load.ts';
import { writeGolden } from '../golden/write.ts';
import { losses } from './containment.ts';

const platform = await loadPlatform();

if (process.env['UPDATE_GOLDENS'] === '1') {
  for (const { name, object, namespace } of await loadManifests())
    await writeGolden(name, decideGolden(platform, object, namespace));
}

const goldens = await loadGoldens();

describe('golden', () => {
  it.each(goldens)('$name', ({ object, namespace, expected }) => {
    expect(decideGolden(platform, object, namespace)).toEqual(expected);
  });
});

const RECORD = /\/metadata\/annotations\/tbot-injector\.io\/injected$/;

describe('an injected golden', () => {
  const injected = goldens.flatMap(({ name, object, namespace, expected }) =>
    expected.kind === 'inject' ? [{ name, object, namespace, patch: expected.patch }] : [],
  );

  it.each(injected)('does not change the second time: $name', ({ object, namespace, patch }) => {
    const again = decideGolden(platform, apply(object, patch), namespace);
    expect(again).toMatchObject({ kind: 'skip', reason: 'already-injected' });
  });

  it.each(injected)('keeps everything but an old record: $name', ({ object, patch }) => {
    expect(losses(object, apply(object, patch)).filter((path) => !RECORD.test(path))).toEqual([]);
  });
});

function apply(object: unknown, patch: readonly unknown[]): unknown {
  return jsonpatch.applyPatch(structuredClone(object), structuredClone(patch) as Operation[]).newDocument;
}
