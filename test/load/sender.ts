import { Agent, request } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const { port, body, ca } = workerData as {
  readonly port: number;
  readonly body: string;
  readonly ca: string;
};
const CONNECTIONS = 10;
const REVIEWS = 8000;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca });
const took: number[] = [];
let left = REVIEWS;
const start = performance.now();
await Promise.all(Array.from({ length: CONNECTIONS }, work));
const seconds = (performance.now() - start) / 1000;
agent.destroy();
const sorted = took.toSorted((a, b) => a - b);
const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
parentPort?.postMessage({ perSecond: REVIEWS / seconds, p50: at(0.5), p99: at(0.99) } satisfies Load);

async function work(): Promise<void> {
  while (left-- > 0) took.push(await send());
}

function send(): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const options = { host: 'localhost', port, path: '/mutate?timeout=5s', method: 'POST', agent, headers };
    const sent = request(options, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`HTTP ${answer.statusCode ?? 0}`));
      answer.resume();
      answer.on('end', () => {
        resolve(performance.now() - began);
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
