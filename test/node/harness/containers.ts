import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** What the kernel has counted for a container since it began. */
export interface Usage {
  readonly memoryBytes: number;
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

/** One container on the node, as the kernel knows it: by its cgroup. */
export class NodeContainer {
  readonly #node: string;
  readonly #id: string;

  /** `node` names the cgroup of the node, `id` is the `containerID` of a pod's status. */
  constructor(node: string, id: string) {
    this.#node = node;
    this.#id = id.replace(/^containerd:\/\//, '');
  }

  /** Ends every process of it by SIGKILL, as the kernel does when memory runs out. */
  kill(): void {
    const pids = readFileSync(join(this.#folder('pids'), 'cgroup.procs'), 'utf8');
    for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  }

  usage(): Usage {
    const [memory, cpu] = [this.#folder('memory'), this.#folder('cpuacct')];
    const read = (folder: string, file: string): number => Number(readFileSync(join(folder, file), 'utf8'));
    if (existsSync(join(cpu, 'cpuacct.usage'))) {
      return {
        memoryBytes: read(memory, 'memory.usage_in_bytes'),
        peakBytes: read(memory, 'memory.max_usage_in_bytes'),
        cpuSeconds: read(cpu, 'cpuacct.usage') / 1e9,
      };
    }
    const [, microseconds] = /^usage_usec (\d+)$/m.exec(readFileSync(join(cpu, 'cpu.stat'), 'utf8')) ?? [];
    return {
      memoryBytes: read(memory, 'memory.current'),
      peakBytes: read(memory, 'memory.peak'),
      cpuSeconds: Number(microseconds) / 1e6,
    };
  }

  /** With version 1 each controller has a tree of its own. */
  #folder(controller: string): string {
    const tree = existsSync(join(ROOT, controller)) ? join(ROOT, controller) : ROOT;
    const below = join(tree, this.#node);
    const found = readdirSync(below, { recursive: true, encoding: 'utf8' }).find((each) =>
      each.endsWith(this.#id),
    );
    if (found === undefined) throw new Error(`there is no container ${this.#id} on the node`);
    return join(below, found);
  }
}
