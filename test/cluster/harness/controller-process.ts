import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { createControllerAccount, type Release } from './controller-account.ts';
import { type RunningProgram, startProgram } from './program.ts';

/** `tbot-injector controller` as a process of its own. */
export interface ControllerProcess extends RunningProgram {
  /** Messages of its log so far. */
  messages(): readonly string[];
  /** By its own log. */
  isLeading(): boolean;
  /** The value of a metric, summed over its label sets; undefined while it does not answer. */
  metric(name: string): Promise<number | undefined>;
  /** The answer of `/readyz`; undefined while it does not answer. */
  readiness(): Promise<{ readonly status: number; readonly body: unknown } | undefined>;
}

interface Line {
  readonly msg: string;
  readonly port?: number;
}

/** What every replica of one controller is given. */
export interface ControllerFiles {
  readonly flags: readonly string[];
  /** The next replica's log. */
  nextLog(): string;
}

export async function writeControllerFiles(cluster: Cluster, release: Release): Promise<ControllerFiles> {
  const { namespace, fullname } = release;
  const kubeconfig = join(cluster.folder, `${fullname}.yaml`);
  await writeFile(kubeconfig, await createControllerAccount(cluster, release), { mode: 0o600 });
  const flags = ['--kubeconfig', kubeconfig, '--namespace', namespace, '--name', fullname];
  let count = 0;
  return { flags, nextLog: () => join(cluster.folder, `${fullname}-controller-${count++}.log`) };
}

const COMMON = ['--host', '127.0.0.1', '--health-port', '0'];
const LEADING = /^(leading|leading no longer|lease handed over)$/;

/** A machine whose clock is ahead by so many milliseconds, as far as JavaScript can see. */
const shiftedClock = (aheadMs: number): string =>
  `data:text/javascript,const D = Date, ahead = ${aheadMs}; globalThis.Date = class extends D {
    constructor(...given) { given.length === 0 ? super(D.now() + ahead) : super(...given); }
    static now() { return D.now() + ahead; }
  };`.replaceAll(/\s+/g, ' ');

export interface StartOptions {
  readonly aheadMs?: number;
  /** Path of the configuration. */
  readonly config?: string;
}

export function startController(files: ControllerFiles, options: StartOptions = {}): ControllerProcess {
  const { aheadMs = 0, config = 'examples/config.yaml' } = options;
  const log = files.nextLog();
  const shift = aheadMs === 0 ? [] : ['--import', shiftedClock(aheadMs)];
  const argv = [...shift, 'src/main.ts', 'controller', '--config', config, ...COMMON, ...files.flags];
  const program = startProgram('controller', process.execPath, argv, log);
  const lines = (): readonly Line[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line);
  const messages = (): readonly string[] => lines().map(({ msg }) => msg);
  const ask = async (path: string): Promise<Response | undefined> => {
    const port = lines().find(({ msg }) => msg === 'listening for probes')?.port;
    if (port === undefined) return undefined;
    const signal = AbortSignal.timeout(5_000);
    return fetch(`http://127.0.0.1:${port}${path}`, { signal }).catch(() => undefined);
  };
  return {
    ...program,
    messages,
    isLeading: () => messages().findLast((msg) => LEADING.test(msg)) === 'leading',
    metric: async (name) => {
      const text = await (await ask('/metrics'))?.text();
      if (text === undefined) return undefined;
      const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (.+)$`, 'gm'))];
      return values.reduce((sum, [, value]) => sum + Number(value), 0);
    },
    readiness: async () => {
      const answer = await ask('/readyz');
      return answer && { status: answer.status, body: await answer.json() };
    },
  };
}
