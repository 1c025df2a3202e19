/** `npm run bench`: the time of one injection, and how it grows with the pod. Trust ratios within one run. */
import { readFile } from 'node:fs/promises';
import { loadConfig } from '../../src/config/load.ts';
import { createGrants } from '../../src/grants/grants.ts';
import { decideInjection } from '../../src/injection/decide.ts';
import { toPatch } from '../../src/injection/patch.ts';

const loaded = loadConfig(await readFile('examples/config.yaml', 'utf8'));
if (loaded.kind === 'invalid') throw new Error('examples/config.yaml has problems');
const { config } = loaded;
const namespace = { name: 'default', labels: { 'tbot-injector.io/injection': 'enabled' } };
const expectedBinding = createGrants(config);

/** As real pods are: each container with some env and mounts of its own. */
function makePod(containers: number): string {
  const env = Array.from({ length: 10 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'value' }));
  const volumeMounts = [
    { name: 'data', mountPath: '/data' },
    { name: 'tmp', mountPath: '/tmp' },
  ];
  return JSON.stringify({
    metadata: {
      annotations: {
        'tbot-injector.io/outputs': 'identity-output',
        'tbot-injector.io/join': 'c0',
        'tbot-injector.io/tbot-config': 'tbot-config',
      },
    },
    spec: {
      securityContext: { fsGroup: 1000 },
      volumes: [
        { name: 'data', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
      containers: Array.from({ length: containers }, (_, index) => ({
        name: `c${index}`,
        image: 'x',
        env,
        volumeMounts,
      })),
    },
  });
}

function inject(text: string): number {
  const outcome = decideInjection(JSON.parse(text), {
    config,
    namespace,
    grants: expectedBinding(namespace),
  });
  if (outcome.kind !== 'inject') throw new Error(outcome.kind);
  return JSON.stringify(toPatch(outcome.plan, outcome.pod)).length;
}

/** Median of some rounds, in microseconds. */
function measure(work: () => unknown): number {
  const rounds = Array.from({ length: 21 }, () => {
    const start = performance.now();
    let runs = 0;
    while (performance.now() - start < 30) {
      work();
      runs++;
    }
    return ((performance.now() - start) / runs) * 1000;
  });
  return rounds.toSorted((a, b) => a - b)[10] ?? Number.NaN;
}

console.log('containers  inject (us)  JSON.parse alone (us)  ratio');
for (const containers of [1, 3, 10, 30, 100, 1000]) {
  const text = makePod(containers);
  for (let i = 0; i < 200; i++) inject(text);
  const whole = measure(() => inject(text));
  const parse = measure(() => JSON.parse(text) as unknown);
  const row = [
    String(containers).padStart(10),
    whole.toFixed(1).padStart(11),
    parse.toFixed(1).padStart(21),
    (whole / parse).toFixed(1).padStart(6),
  ];
  console.log(row.join('  '));
}
