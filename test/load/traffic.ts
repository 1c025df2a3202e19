import { Agent } from 'node:https';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { ASKS, createPod, isFine } from './admissions.ts';
import { startPace } from './pace.ts';
import { post } from './reviews.ts';

export interface TrafficSettings {
  /** Opted in. */
  readonly namespace: string;
  /** Of the webhook. */
  readonly url: string;
  /** PEM of the CAs that clients believe at the moment. */
  readonly trusted: () => string;
}

/** Pods through the API server, and reviews of our own on kept and on fresh connections, until `stop`. */
export interface Traffic {
  readonly sent: { readonly apiServer: number; readonly kept: number; readonly fresh: number };
  /** What went wrong, by the way it was sent. */
  readonly failed: readonly string[];
  /** Resolves when what was under way has been answered. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export function startTraffic(cluster: Cluster, { namespace, url, trusted }: TrafficSettings): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: 5 });
  const sent = { apiServer: 0, kept: 0, fresh: 0 };
  const failed: string[] = [];
  const own = async (way: 'kept' | 'fresh'): Promise<void> => {
    const { status, body } = await post({ url, ca: trusted(), agent: way === 'kept' ? agent : false });
    sent[way]++;
    if (status !== 200) failed.push(`${way}: ${status} ${body}`);
  };
  const create = async (): Promise<void> => {
    const admission = await createPod(cluster.api, { namespace, annotations: ASKS });
    sent.apiServer++;
    if (!isFine(admission)) failed.push(`API server: ${admission.status} ${admission.message}`);
  };
  const paces = [
    startPace({ perSecond: 50, send: create }),
    startPace({ perSecond: 25, send: () => own('kept') }),
    startPace({ perSecond: 25, send: () => own('fresh') }),
  ];
  return {
    sent,
    failed,
    settled: async () => {
      for (const pace of paces) await pace.settled();
    },
    stop: async () => {
      for (const pace of paces) await pace.stop();
      agent.destroy();
    },
  };
}
