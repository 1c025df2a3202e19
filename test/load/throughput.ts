/**
 * `npm run bench`: reviews a second over TLS and keep-alive, ours beside express with its JSON parser, in one run.
 * Sender and server share two cores and the machine's noise; trust the ratio.
 */
import express from 'express';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { Worker } from 'node:worker_threads';
import type { Server } from 'node:http';
import { createAdmissionServer, listen } from '../../src/admission/server.ts';
import { mutate } from '../../src/admission/mutate.ts';
import { createDecider } from '../../src/admission/decider.ts';
import { fixedNamespaces } from '../../src/admission/settings.ts';
import { printReview } from '../../src/admission/verdict.ts';
import { readReview } from '../../src/admission/review.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import type { Load } from './sender.ts';
import { OPTED_IN, pod, review, testConfig, testRoute } from '../admission/fixture.ts';

const now = new Date();
const ca = await issueCa({ commonName: 'bench', now });
const serving = await issueServing({ ca, names: ['localhost'], now });
const body = JSON.stringify(review({ ...pod(), padding: 'x'.repeat(4500) }));

const decide = createDecider({ config: testConfig(), namespaces: fixedNamespaces(OPTED_IN) });
const withExpress = express().post(
  '/mutate',
  express.json({ limit: 7_340_032 }),
  async (incoming, outgoing) => {
    const parsed = readReview(incoming.body);
    if ('code' in parsed) throw new Error(parsed.code);
    outgoing.type('json').send(printReview(parsed.uid, await mutate(parsed, { decide })));
  },
);

const servers: readonly (readonly [string, Server])[] = [
  ['hot route', createAdmissionServer({ pair: serving, clients: undefined }, testRoute().listener)],
  ['express and its JSON parser', createServer({ cert: serving.certificate, key: serving.key }, withExpress)],
];
const ports = await Promise.all(servers.map(([, server]) => listen(server, 0, '127.0.0.1')));

for (let round = 1; round <= 3; round++) {
  for (const [index, [name]] of servers.entries()) {
    const before = performance.eventLoopUtilization();
    const { perSecond, p50, p99 } = await load(ports[index]?.port ?? 0);
    const { utilization } = performance.eventLoopUtilization(before);
    const row = [
      `round ${round}  ${name.padEnd(28)}`,
      `${perSecond.toFixed(0).padStart(5)} reviews/s`,
      `p50 ${p50.toFixed(1)} ms`,
      `p99 ${p99.toFixed(1)} ms`,
      // The sender may be the slower of the two: what the server could do were it busy all the time.
      `${(perSecond / utilization).toFixed(0).padStart(5)} reviews per busy second`,
    ];
    console.log(row.join('  '));
  }
}
for (const [, server] of servers) server.close();

/** The sender runs in a thread of its own, as the API server does not share our event loop either. */
async function load(port: number): Promise<Load> {
  const sender = new Worker(new URL('sender.ts', import.meta.url), {
    workerData: { port, body, ca: ca.certificate },
  });
  const [result] = (await once(sender, 'message')) as [Load];
  return result;
}
