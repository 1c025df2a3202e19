/**
 * `node test/load/overload.ts`: senders that are too many, too slow and too large. The others get 429 at once, the
 * memory of the process stays bounded, and an honest review afterwards is answered.
 */
import { readFile } from 'node:fs/promises';
import { launchWebhookProcess, type WebhookProcess } from '../webhook-process.ts';
import { countBy, spread } from './figures.ts';
import { sendLarge, type Large } from './large-sender.ts';
import { post, type Answer } from './reviews.ts';
import { sendSlowly, type Cut } from './slow-sender.ts';

export interface Target extends WebhookProcess {
  readonly ca: string;
}

/** The webhook with its default limits, alone. */
export async function startTarget(): Promise<Target> {
  const starting = await launchWebhookProcess('--standalone', '--config', 'examples/config.yaml');
  const process = await starting.listening();
  return { ...process, ca: await readFile('certs/ca.crt', 'utf8') };
}

export interface SlowFigures {
  /** To honest reviews, while as many slow ones are open as there are places. */
  readonly meanwhile: readonly Answer[];
  readonly cuts: readonly Cut[];
  readonly afterwards: Answer;
}

export async function sendManySlowly(target: Target, senders: number): Promise<SlowFigures> {
  const slow = await Promise.all(Array.from({ length: senders }, () => sendSlowly(target.url, target.ca)));
  const meanwhile: Answer[] = [];
  for (let i = 0; i < 20; i++) meanwhile.push(await post({ ...target, agent: false }));
  const cuts = await Promise.all(slow.map(({ cut }) => cut));
  return { meanwhile, cuts, afterwards: await post({ ...target, agent: false }) };
}

export interface LargeFigures {
  /** How often each HTTP status; 0: the connection was closed before the answer was read. */
  readonly statuses: Readonly<Record<string, number>>;
  /** MiB. */
  readonly before: number;
  readonly peak: number;
  readonly afterwards: Answer;
}

export async function sendManyLarge(
  target: Target,
  senders: number,
  size: Pick<Large, 'bytes' | 'chunk'>,
): Promise<LargeFigures> {
  const before = await memory(target.pid, 'VmRSS');
  const sending = Array.from({ length: senders }, () => sendLarge({ ...target, ...size }));
  const statuses = countBy(await Promise.all(sending), String);
  const afterwards = await post({ ...target, agent: false });
  return { statuses, before, peak: await memory(target.pid, 'VmHWM'), afterwards };
}

/** Of the kernel, in MiB; Linux has it. */
async function memory(pid: number, name: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}

const MIB = 1024 * 1024;

if (import.meta.main) {
  for (const [bytes, chunk] of [
    [7 * MIB - 1024, 65_536],
    [7 * MIB - 1024, 16],
    [7 * MIB - 1024, 1],
  ] as const) {
    const target = await startTarget();
    const { statuses, before, peak, afterwards } = await sendManyLarge(target, 100, { bytes, chunk });
    await target.end('SIGKILL');
    console.log(
      `100 bodies of 7 MiB in chunks of ${chunk}: RSS ${before.toFixed(0)} MiB, most ${peak.toFixed(0)} MiB`,
    );
    console.log('statuses', statuses, 'afterwards', afterwards.status, `${afterwards.ms.toFixed(0)} ms`);
  }
  const target = await startTarget();
  const { meanwhile, cuts, afterwards } = await sendManySlowly(target, 100);
  await target.end('SIGKILL');
  console.log(
    'meanwhile',
    countBy(meanwhile, ({ status }) => String(status)),
    spread(meanwhile.map(({ ms }) => ms)),
  );
  console.log(
    'cut off',
    countBy(cuts, ({ answer }) => answer),
    spread(cuts.map(({ ms }) => ms)),
  );
  console.log('afterwards', afterwards.status, `${afterwards.ms.toFixed(0)} ms`);
}
