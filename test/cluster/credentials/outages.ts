import { setTimeout as sleep } from 'node:timers/promises';
import type { Write } from '../harness/audit.ts';
import { change } from '../harness/change.ts';
import { eventually } from '../harness/eventually.ts';
import { Wire } from '../harness/wire.ts';
import { untilLeads, type Stage } from './stage.ts';

const PATIENT = { seconds: 60, everyMs: 50 };

/** The outcome of an outage, counted from its end. */
export interface Outcome {
  /** Until everything was right again. */
  readonly seconds: number;
  /** What controllers asked to change, by resource. */
  readonly changes: Readonly<Record<string, number>>;
  /** Restarts of tbot, counted from its beginning. */
  readonly restarts: number;
}

/** The controller alone hears nothing for so long, while a namespace comes, another goes and a Secret is deleted. */
export async function cutOff(stage: Stage, seconds: number): Promise<Outcome> {
  const { cluster, scene } = stage;
  const wire = await Wire.open(Number(new URL(cluster.url).port));
  const controller = await scene.startController({ url: `https://127.0.0.1:${wire.port}` });
  try {
    await stage.optIn('cut-hurt', 'cut-lost');
    await stage.untilUp();
    await stage.untilQuiet();
    const before = await scene.generation();
    wire.onConnect = 'swallow';
    wire.blackHole();
    await stage.optIn('cut-new');
    await change(cluster.api, 'DELETE', scene.secret('cut-hurt', 'one'));
    await stage.unlabel('cut-lost');
    await sleep(seconds * 1000);
    wire.onConnect = 'pass';
    wire.reset();
    const healed = { at: Date.now(), monotonic: performance.now() };
    await stage.untilUp();
    return await outcome(stage, healed, before);
  } finally {
    await controller.stop();
    wire.close();
  }
}

/** There is no API server for so long: nothing can have changed. */
export async function apiServerAway(stage: Stage, seconds: number): Promise<Outcome> {
  const { cluster, scene } = stage;
  const controller = await scene.startController();
  try {
    await stage.untilUp();
    await stage.untilQuiet();
    const before = await scene.generation();
    await cluster.apiServer.stop('SIGKILL');
    await sleep(seconds * 1000);
    cluster.apiServer.start();
    await cluster.untilReady();
    const back = { at: Date.now(), monotonic: performance.now() };
    await untilLeads(controller);
    return await outcome(stage, back, before);
  } finally {
    await controller.stop();
  }
}

export interface Thaw extends Outcome {
  /** Seconds from the freeze of the leader until its successor had done the work. */
  readonly takeover: number;
  /** Changes that the thawed leader asked for from then on, the Lease included. */
  readonly byThawed: readonly Write[];
  /** The thawed leader, and its successor. */
  readonly leading: readonly boolean[];
}

/** The leader is frozen, at rest or in the middle of its work, and another controller takes over. */
export async function frozenLeader(
  stage: Stage,
  { seconds, isBusy }: { readonly seconds: number; readonly isBusy: boolean },
): Promise<Thaw> {
  const { scene, audit } = stage;
  const pair = [await scene.startController(), await scene.startController()] as const;
  try {
    await stage.untilUp();
    await stage.untilQuiet();
    const [leader, successor] = (await pair[0].isLeading()) ? pair : ([pair[1], pair[0]] as const);
    const before = await scene.generation();
    const prefix = `frozen-${++freezes}`;
    const names = Array.from({ length: 8 }, (_, index) => `${prefix}-${index}`);
    const opting = isBusy ? stage.optIn(...names) : undefined;
    if (isBusy) await untilBegun(stage, `${prefix}-0`);
    leader.signal('SIGSTOP');
    const frozen = performance.now();
    await (opting ?? stage.optIn(...names));
    await stage.untilUp();
    const takeover = (performance.now() - frozen) / 1000;
    await sleep(Math.max(0, (seconds - takeover) * 1000));
    const thawed = { at: Date.now(), monotonic: performance.now() };
    leader.signal('SIGCONT');
    await stage.untilUp();
    const result = await outcome(stage, thawed, before);
    const byThawed = (await audit.writes(thawed.at)).filter(
      ({ credential }) => credential === leader.credential,
    );
    return {
      ...result,
      takeover,
      byThawed,
      leading: [await leader.isLeading(), await successor.isLeading()],
    };
  } finally {
    await Promise.all(pair.map((controller) => controller.stop()));
  }
}
let freezes = 0;

async function untilBegun({ cluster, scene }: Stage, namespace: string): Promise<void> {
  await eventually(
    'it has begun',
    async () => (await cluster.api('GET', scene.secret(namespace, 'one'))).status === 200 || undefined,
    PATIENT,
  );
}

/** The Lease is deleted under a leader, again and again, while namespaces come. */
export async function leaseDeleted(
  stage: Stage,
  times: number,
): Promise<Outcome & { readonly leaders: number }> {
  const { cluster, scene } = stage;
  const controllers = [await scene.startController(), await scene.startController()];
  try {
    await stage.untilUp();
    await stage.untilQuiet();
    const before = await scene.generation();
    const began = { at: Date.now(), monotonic: performance.now() };
    for (let time = 0; time < times; time++) {
      // It is absent if no controller has created it again since the last time.
      await cluster.api('DELETE', scene.lease());
      await stage.optIn(`leaderless-${time}`);
      await sleep(2_000);
    }
    await stage.untilUp();
    const result = await outcome(stage, began, before);
    await sleep(2_000);
    const leading = await Promise.all(controllers.map((controller) => controller.isLeading()));
    return { ...result, leaders: leading.filter(Boolean).length };
  } finally {
    await Promise.all(controllers.map((controller) => controller.stop()));
  }
}

async function outcome(
  stage: Stage,
  end: { readonly at: number; readonly monotonic: number },
  generation: number,
): Promise<Outcome> {
  const seconds = (performance.now() - end.monotonic) / 1000;
  // Further writes would come soon.
  await sleep(2_000);
  const byResource = Object.groupBy(await stage.changes(end.at), ({ resource }) => resource);
  return {
    seconds,
    changes: Object.fromEntries(Object.entries(byResource).map(([name, all = []]) => [name, all.length])),
    restarts: (await stage.scene.generation()) - generation,
  };
}
