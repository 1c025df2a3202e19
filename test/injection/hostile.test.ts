import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREFIX } from '../../src/config/opt-in.ts';
import { createGrants } from '../../src/grants/grants.ts';
import { decideInjection, type Outcome } from '../../src/injection/decide.ts';
import { toPatch } from '../../src/injection/patch.ts';
import { loadPlatform } from '../golden/load.ts';

const { config, namespaces } = await loadPlatform();
const namespace = namespaces.get('platform') ?? { name: 'platform', labels: {} };
const grants = createGrants(config)(namespace);

function decide(pod: unknown): Outcome {
  return decideInjection(pod, { config, namespace, grants });
}

function podWith(key: string, value: unknown, spec: unknown): unknown {
  return { metadata: { annotations: { [PREFIX + key]: value } }, spec };
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Seconds of CPU: more than a busy machine needs, and far less than time that grows with the square of a list. */
const MAX_CPU_SECONDS = 5;

/** Decides within the time limit: a webhook that needs minutes would stop every pod of the cluster. */
function decideInTime(pod: unknown): Outcome {
  const start = process.cpuUsage();
  const outcome = decide(pod);
  if (outcome.kind === 'inject') toPatch(outcome.plan, outcome.pod);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(MAX_CPU_SECONDS);
  return outcome;
}

describe('the decision throws for no JSON', { timeout: 60_000 }, () => {
  it.each([
    ['as a pod', fc.jsonValue()],
    ['as metadata', fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue() })],
    [
      'as the spec of a pod with annotations',
      fc.jsonValue().map((spec) => podWith('outputs', 'identity-output', spec)),
    ],
    [
      'as an annotation',
      fc.jsonValue().map((value) => podWith('outputs', value, { containers: [{ name: 'a' }] })),
    ],
    [
      'as containers and volumes',
      fc
        .record({
          containers: fc.array(fc.jsonValue()),
          volumes: fc.jsonValue(),
          initContainers: fc.jsonValue(),
        })
        .map((spec) => podWith('join', 'a', spec)),
    ],
    [
      'as the lists of a container',
      fc
        .record({ env: fc.jsonValue(), volumeMounts: fc.jsonValue(), securityContext: fc.jsonValue() })
        .map((rest) => podWith('outputs', 'svid', { containers: [{ name: 'a', ...rest }] })),
    ],
  ] as const)('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (pod) => {
        expect(['skip', 'inject', 'refuse']).toContain(decide(pod).kind);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([undefined, null, true, 0, '', [], {}])('%j as a pod asks for nothing', (pod) => {
    expect(decide(pod)).toEqual({ kind: 'skip', reason: 'not-asked', warnings: [] });
  });
});

describe('the time grows in proportion to the size', { timeout: 60_000 }, () => {
  it('1,000 containers, each with its own mounts and variables', () => {
    const list = many(50, (index) => ({ name: `v${index}`, mountPath: `/m/${index}` }));
    const containers = many(1000, (index) => ({ name: `c${index}`, volumeMounts: list, env: list }));
    const outcome = decideInTime(podWith('outputs', 'identity-output, svid', { containers }));
    expect(outcome).toMatchObject({ kind: 'inject', plan: { containers: { length: 1000 } } });
  });

  it('1,000 misspelt names and 1,000 containers: each name is a problem, the first ones with a suggestion', () => {
    const containers = many(1000, (index) => ({ name: `${'a'.repeat(59)}${index}` }));
    const names = many(1000, (index) => `${'a'.repeat(58)}b${index}`).join();
    const outcome = decideInTime(podWith('join', names, { containers }));
    expect(outcome).toMatchObject({ kind: 'refuse', problems: { length: 1000 } });
    const fixes = outcome.kind === 'refuse' ? outcome.problems.map(({ fix }) => fix) : [];
    expect(fixes.filter((fix) => fix.startsWith('write '))).toHaveLength(20);
  });

  it('1,000 outputs that are not granted', () => {
    const names = many(1000, (index) => `clusterz${index}`).join();
    const outcome = decideInTime(podWith('outputs', names, { containers: [{ name: 'app' }] }));
    expect(outcome).toMatchObject({ kind: 'refuse', problems: { length: 1000 } });
  });

  it('200,000 unknown annotations, of which the first hundred are reported', () => {
    const annotations = Object.fromEntries(many(200_000, (index) => [`${PREFIX}${index}`, '']));
    const outcome = decideInTime({ metadata: { annotations }, spec: { containers: [{ name: 'app' }] } });
    expect(outcome).toMatchObject({ kind: 'refuse', problems: { length: 100 } });
  });

  it('a million invalid items, of which the first hundred are reported', () => {
    const spec = { containers: [{ name: 'app' }], volumes: many(1_000_000, () => 1) };
    expect(decideInTime(podWith('join', 'app', spec))).toMatchObject({
      kind: 'refuse',
      problems: { length: 100 },
    });
  });

  it('100,000 containers', () => {
    const containers = many(100_000, (index) => ({ name: `c${index}` }));
    expect(decideInTime(podWith('outputs', 'svid', { containers }))).toMatchObject({
      kind: 'refuse',
      problems: [{ code: 'too-many-mounts' }],
    });
    const join = podWith('join', 'c0', { containers });
    expect(decideInTime(join)).toMatchObject({ kind: 'inject', plan: { containers: { length: 1 } } });
  });

  it('tens of thousands of mounts and volumes', () => {
    const volumeMounts = many(400, () => ({ name: 'run', mountPath: '/var/run' }));
    const containers = many(200, (index) => ({ name: `c${index}`, volumeMounts }));
    const volumes = [...many(50_000, (index) => ({ name: `v${index}` })), { name: 'run', emptyDir: {} }];
    expect(decideInTime(podWith('outputs', 'svid', { containers, volumes }))).toMatchObject({
      kind: 'inject',
    });
  });

  it('names of megabytes, which are not in messages', () => {
    const containers = many(4, (index) => ({ name: 'n'.repeat(500_000) + String(index) }));
    const outcome = decideInTime(podWith('join', many(1000, (index) => `x${index}`).join(), { containers }));
    expect(JSON.stringify(outcome).length).toBeLessThan(2_000_000);
  });

  it('a volume with our name that is nested deeper than the stack', () => {
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    const volumes = [{ name: 'tbot-output-svid', projected: deep }];
    const outcome = decideInTime(podWith('outputs', 'svid', { containers: [{ name: 'app' }], volumes }));
    expect(outcome).toMatchObject({ kind: 'refuse', problems: [{ code: 'volume-conflict' }] });
  });
});
