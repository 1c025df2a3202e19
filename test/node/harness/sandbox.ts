import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { type Finished, runCommand } from '../../cluster/harness/command.ts';
import { eventually } from '../../cluster/harness/eventually.ts';
import type { RunningProgram } from '../../cluster/harness/program.ts';

/** The address of the node, beside those of loopback, pods and Services. */
export const NODE_ADDRESS = '192.168.64.1';

/**
 * What a kubelet and kube-proxy would set for the whole machine. They find it so, in files that lie over the real ones.
 */
const SYSCTLS = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
} as const;

/** Folders of the machine that the programs of a node write to, whatever they are told. */
const COVERED = ['/run', '/var/lib', '/var/log'] as const;

/**
 * The first process of the namespaces: prepares them, says so, and ends when its standard input does, which is when the
 * test ends, however it ends. The kernel then ends every process in them, and with the last one go network and mounts.
 * Meanwhile `wait` takes in processes that lost their parents.
 */
const FIRST = `
folder=$1
mount --make-rshared /
for covered in ${COVERED.join(' ')}; do mount --bind "$folder$covered" "$covered"; done
for sysctl in ${Object.keys(SYSCTLS).join(' ')}; do mount --bind "$folder/sysctl/$sysctl" "/proc/sys/$sysctl"; done
ip link set lo up
ip link add node0 type veth peer name node1
ip address add ${NODE_ADDRESS}/24 dev node0
ip link set node0 up
ip link set node1 up
ip route add default dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward
exec 4<&0
cat <&4 >/dev/null &
echo ready
wait $!
`;

const PATIENCE_MS = 15_000;

/** Namespaces of the network, of mounts and of processes: nothing in them is the machine's, and nothing outlives them. */
export class Sandbox {
  readonly #process: ChildProcess;
  /** The first process inside, as the machine counts. */
  readonly #first: number;

  private constructor(process: ChildProcess, first: number) {
    this.#process = process;
    this.#first = first;
  }

  /** All that is written to `COVERED` comes to lie in `folder`. Throws a sentence where the machine forbids it. */
  static async open(folder: string): Promise<Sandbox> {
    for (const covered of COVERED) await mkdir(join(folder, covered), { recursive: true });
    for (const [name, value] of Object.entries(SYSCTLS)) {
      const file = join(folder, 'sysctl', name);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, `${value}\n`);
    }
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const child = spawn('unshare', [...namespaces, 'sh', '-ec', FIRST, 'sh', folder], {
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ready = await Promise.race([
      once(createInterface(child.stdout), 'line').then(() => true),
      once(child, 'exit').then(() => false),
    ]);
    const [first] = ready ? childrenOf(child.pid) : [];
    if (first === undefined) {
      child.stdin.end();
      throw new Error(`this machine gives no namespaces for a node of the tests: ${said.trim()}`);
    }
    return new Sandbox(child, first);
  }

  /** What makes a command line one that runs inside. */
  enter(command: readonly string[]): readonly [string, ...string[]] {
    const target = ['--target', String(this.#first), '--net', '--mount', '--pid', '--wd'];
    return ['nsenter', ...target, '--', ...command];
  }

  /** Runs a command to its end; throws with what it said when it fails. */
  async run(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Finished> {
    const [file, ...args] = this.enter(command);
    const finished = await runCommand(file, args, { env });
    if (finished.code !== 0) throw new Error(`${command.join(' ')}: ${finished.stderr || finished.stdout}`);
    return finished;
  }

  /** Starts a program in the background. */
  start(
    name: string,
    file: string,
    args: readonly string[],
    log: string,
    env: NodeJS.ProcessEnv = process.env,
  ): RunningProgram {
    const output = openSync(log, 'a');
    const [enter, ...rest] = this.enter([file, ...args]);
    const child = spawn(enter, rest, { env, stdio: ['ignore', output, output] });
    closeSync(output);
    const signal = (which: NodeJS.Signals): void => {
      // nsenter waits for the program and ends as it ends; it passes no signal on.
      for (const pid of childrenOf(child.pid)) process.kill(pid, which);
    };
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    return {
      name,
      ended: () => (hasEnded() ? `it ended with ${String(child.exitCode ?? child.signalCode)}` : undefined),
      logTail: () => readFileSync(log, 'utf8').slice(-3000),
      signal,
      stop: async (which = 'SIGTERM') => {
        if (hasEnded()) return;
        const gone = once(child, 'exit');
        const impatience = setTimeout(() => {
          signal('SIGKILL');
        }, PATIENCE_MS);
        await eventually(
          `${name} has begun`,
          () => hasEnded() || childrenOf(child.pid).length > 0 || undefined,
        );
        signal(which);
        signal('SIGCONT');
        await gone;
        clearTimeout(impatience);
      },
    };
  }

  /** Ends everything inside, and returns when nothing of it is left. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await gone;
  }
}

function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
