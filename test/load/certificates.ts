/**
 * `node test/load/certificates.ts [rounds] [section]`: how soon certificates serve: after a cold start of three
 * controllers, after each fault, after the end of a leader, after a jump of all clocks. Ten minutes for 20 rounds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificateStore } from '../../src/controller/certificates/certificate-store.ts';
import { namesOfRelease } from '../../src/controller/names.ts';
import { loadClient } from '../../src/kubernetes/client.ts';
import {
  configurationPaths,
  installConfigurations,
  readState,
  replaceSecret,
} from '../cluster/harness/certificate-state.ts';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { ControllerScene } from '../cluster/harness/controller-scene.ts';
import { inspectServing, TestRotation } from '../controller/certificates/test-rotation.ts';
import { withCluster } from './cluster.ts';
import { countArgument, percentile } from './figures.ts';

const SECTIONS = { coldStarts, faults, leaders, clocks } as const;
const FEW = 5;

if (import.meta.main) {
  const rounds = countArgument(20);
  const only = process.argv[3];
  await withCluster(async (cluster) => {
    console.log('seconds until every entry trusts what is served'.padEnd(62), 'runs   min  median   max');
    for (const [name, section] of Object.entries(SECTIONS)) {
      if (only === undefined || only === name) await section(cluster, rounds);
    }
  });
}

async function coldStarts(cluster: Cluster, rounds: number): Promise<void> {
  const took: number[] = [];
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const scene = await ControllerScene.create(cluster);
    const controllers = [scene.start(), scene.start(), scene.start()];
    took.push(await seconds(() => scene.untilServing()));
    for (const controller of controllers) await scene.untilReady(controller);
    const { authority, bundles } = await scene.state();
    const isOne = new Set([...bundles, authority?.['ca.crt']]).size === 1;
    if (!isOne || (await scene.rotations()).join() !== '0,0,2') wrong++;
    await scene.end();
  }
  print('three controllers start at once (node and all)', took);
  console.log(`  of these, not exactly one CA and one leaf: ${wrong}`);
}

async function faults(cluster: Cluster, rounds: number): Promise<void> {
  const scene = await ControllerScene.create(cluster);
  await scene.startLeading(1);
  const [serving, authority] = [scene.secret('servingSecret'), scene.secret('caSecret')];
  const [mutating = ''] = configurationPaths(scene.release);
  const emptied = [{ op: 'remove', path: '/webhooks/1/clientConfig/caBundle' }];
  const harms: readonly (readonly [string, (of: Cluster) => Promise<unknown>])[] = [
    ['serving Secret deleted', (of) => of.api('DELETE', serving)],
    ['serving Secret emptied', (of) => replaceSecret(of, serving, {})],
    [
      'serving Secret filled with garbage',
      (of) => replaceSecret(of, serving, { 'tls.crt': 'x', 'tls.key': 'x' }),
    ],
    [
      'caBundle of an entry removed',
      (of) => of.api('PATCH', mutating, emptied, 'application/json-patch+json'),
    ],
    [
      'everything of it deleted, configurations installed again',
      async (of) => {
        for (const path of [...configurationPaths(scene.release), serving, authority])
          await of.api('DELETE', path);
        await installConfigurations(of, scene.release);
      },
    ],
  ];
  for (const [name, harm] of harms) {
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await harm(cluster);
      took.push(await seconds(() => scene.untilServing()));
      // Two faults within a quarter of a second would be repaired as one.
      await sleep(500);
    }
    print(name, took);
  }
  await scene.end();
}

async function leaders(cluster: Cluster, rounds: number): Promise<void> {
  const ends = {
    'leader ended by SIGTERM': 'SIGTERM',
    'leader killed -9': 'SIGKILL',
    'leader frozen': 'SIGSTOP',
  } as const;
  for (const [name, signal] of Object.entries(ends)) {
    const took: number[] = [];
    for (let round = 0; round < Math.min(rounds, FEW); round++) {
      const scene = await ControllerScene.create(cluster);
      const { leader } = await scene.startPair();
      leader.signal(signal);
      await cluster.api('DELETE', scene.secret('servingSecret'));
      took.push(await seconds(() => scene.untilServing()));
      await scene.end();
    }
    print(`${name}, the serving Secret deleted with it`, took);
  }
  const took: number[] = [];
  for (let round = 0; round < Math.min(rounds, FEW); round++) {
    const scene = await ControllerScene.create(cluster);
    const [controller] = await scene.startLeading(1);
    controller?.signal('SIGSTOP');
    await cluster.api('DELETE', scene.secret('servingSecret'));
    await sleep(20_000);
    controller?.signal('SIGCONT');
    took.push(await seconds(() => scene.untilServing()));
    await scene.end();
  }
  print('the only controller frozen for 20 s; from its thaw', took);
}

/** The time of one rotation after a clock jump; the controller does it within a minute of such a jump. */
async function clocks(cluster: Cluster, rounds: number): Promise<void> {
  const client = loadClient({ kubeconfig: cluster.kubeconfig });
  for (const [name, days] of Object.entries({
    'CA expired': 366,
    '400 days ahead': 400,
    '2 h behind': -2 / 24,
  })) {
    const took: number[] = [];
    const back: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { release } = await ControllerScene.create(cluster);
      const names = namesOfRelease(release.fullname);
      const store = createCertificateStore({ client, namespace: release.namespace, names });
      const rotation = new TestRotation(store, new Date());
      await rotation.rotate();
      for (const [jump, figures] of [[days, took] as const, [-days, back] as const]) {
        rotation.jumpDays(jump);
        figures.push(await seconds(() => rotation.rotate()));
        const { serving, bundles } = await readState(cluster, release);
        const found = bundles.map((bundle) => inspectServing(serving, bundle, rotation.now).kind);
        if (found.includes('invalid')) throw new Error(`${name}: an entry does not trust what is served`);
      }
    }
    print(`one rotation with all clocks so: ${name}`, took);
    print('  and back again', back);
  }
  await client.close();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function print(name: string, took: readonly number[]): void {
  const [least, median, most] = [0, 0.5, 1].map((share) => percentile(took, share).toFixed(2));
  const cells = [least?.padStart(5), median?.padStart(7), most?.padStart(5)];
  console.log(name.padEnd(62), String(took.length).padStart(4), ...cells);
}
