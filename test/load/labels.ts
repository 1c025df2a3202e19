/**
 * `node test/load/labels.ts [namespaces] [grace seconds]`: namespaces with three outputs each lose their label at once;
 * one gets it back within the grace. What is gone when, and what it costs to write.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../cluster/credentials/stage.ts';
import { OUTPUTS } from '../cluster/harness/credential-scene.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { withStage } from './cluster.ts';
import { countArgument, countBy, inBatches, progress, secondsSince } from './figures.ts';

const OURS = 'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dtbot-injector%2Ctbot-injector.io%2Fbot';
const PATIENT = { seconds: 120, everyMs: 100 };

/** A restart that is due waits for the last one to be so long ago. */
const RESTARTS_MS = 65_000;

const count = countArgument(100);
const graceMs = Number(process.argv[3] ?? 20) * 1000;

await withStage(async (stage) => {
  const { scene, audit } = stage;
  const leader = await scene.lead({ graceMs });
  try {
    const names = Array.from({ length: count }, (_, index) => `team-${index}`);
    const labelled = performance.now();
    await inBatches(names, 20, (name) => stage.optIn(name));
    await untilListed(stage, count * OUTPUTS.length);
    progress(`${count} namespaces labelled and listed in ${secondsSince(labelled)} s`);
    await stage.untilUp();
    await scene.tbot.renew();
    await stage.untilQuiet();
    await sleep(RESTARTS_MS);
    const before = { generation: await scene.generation(), one: await secretOf(stage, 'team-0') };

    const since = Date.now();
    await inBatches(names, 20, (name) => stage.unlabel(name));
    const lost = performance.now();
    await untilListed(stage, 0);
    progress(`none listed ${secondsSince(lost)} s after the last label was lost`);
    await stage.label('team-0');
    const back = performance.now();
    await untilListed(stage, OUTPUTS.length);
    progress(`one label came back: listed ${secondsSince(back)} s later`);
    await sleep(graceMs - (performance.now() - lost) - 3_000);
    progress(`${await print(stage)} ${secondsSince(lost)} s after the labels were lost`);
    await eventually(
      'the others are gone',
      async () => (await ours(stage, 'secrets')) === OUTPUTS.length || undefined,
      PATIENT,
    );
    progress(
      `${await print(stage)} ${secondsSince(lost)} s after the labels were lost, with a grace of ${graceMs / 1000} s`,
    );
    const after = await secretOf(stage, 'team-0');
    const isSame = JSON.stringify(after) === JSON.stringify(before.one);
    progress(`the Secret of the one that came back is ${isSame ? 'the same, with its data' : 'ANOTHER'}`);
    await sleep(RESTARTS_MS);
    const writes = await scene.writes(audit, since);
    progress(
      `asked to change: ${JSON.stringify(countBy(writes, ({ verb, resource }) => `${verb} ${resource}`))}`,
    );
    progress(
      `restarts of tbot: ${(await scene.generation()) - before.generation}; failures: ${leader.failures.length}`,
    );
  } finally {
    await leader.end();
  }
});

async function untilListed({ scene }: Stage, services: number): Promise<void> {
  await eventually(
    `${services} are listed`,
    async () => (await scene.listed()) === services || undefined,
    PATIENT,
  );
}

async function secretOf({ cluster, scene }: Stage, namespace: string): Promise<unknown> {
  const { body } = await cluster.api('GET', scene.secret(namespace, 'one'));
  const { metadata, data } = body as { metadata: { uid: string }; data: unknown };
  return [metadata.uid, data];
}

async function print(stage: Stage): Promise<string> {
  return `${await ours(stage, 'secrets')} Secrets and ${await ours(stage, 'rolebindings')} RoleBindings`;
}

async function ours({ cluster }: Stage, resource: 'secrets' | 'rolebindings'): Promise<number> {
  const api = resource === 'secrets' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
  const { body } = await cluster.api('GET', `${api}/${resource}?${OURS}`);
  return (body as { items: unknown[] }).items.length;
}
