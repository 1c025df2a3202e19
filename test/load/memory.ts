import type { WebhookProcess } from '../webhook-process.ts';

/** Of a process, in MiB. */
export interface Memory {
  readonly minute: number;
  readonly rss: number;
  readonly heap: number;
}

export async function readMemory(webhook: WebhookProcess, minute: number): Promise<Memory> {
  const metrics = await webhook.metrics();
  const read = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]) / (1024 * 1024);
  return {
    minute,
    rss: read('process_resident_memory_bytes'),
    heap: read('nodejs_heap_size_used_bytes'),
  };
}

/** MiB a minute: the slope of the line that lies closest to all of them. */
export function growth(memory: readonly Memory[], kind: 'rss' | 'heap'): number {
  const mean = (of: (each: Memory) => number): number =>
    memory.reduce((sum, each) => sum + of(each), 0) / memory.length;
  const [minute, level] = [mean((each) => each.minute), mean((each) => each[kind])];
  return (
    mean((each) => (each.minute - minute) * (each[kind] - level)) /
    mean((each) => (each.minute - minute) ** 2)
  );
}
