import { Agent } from 'node:https';
import { pod, review } from '../admission/fixture.ts';
import { INJECTED, post, type Post } from './reviews.ts';

export interface Reviewed {
  readonly expected: number;
  readonly found: number;
  readonly ms: number;
}

type Sent = Pick<Post, 'body' | 'path'> & { readonly expected: number; readonly fresh?: boolean };

const IN_SOAK = { namespace: 'soak' };
const deployment = {
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: { template: { metadata: { annotations: { 'tbot-injector.io/outputs': 'unknown' } }, spec: {} } },
};

/** In turn; most are what they mostly are. */
const MIXTURE: readonly Sent[] = [
  ...Array.from({ length: 10 }, () => ({ body: JSON.stringify(review(pod(), IN_SOAK)), expected: 200 })),
  { body: JSON.stringify(review(pod(), IN_SOAK)), expected: 200, fresh: true },
  { body: JSON.stringify(review(pod({}), IN_SOAK)), expected: 200 },
  { body: JSON.stringify(review(pod({ 'tbot-injector.io/outputs': 'unknown' }), IN_SOAK)), expected: 200 },
  // An unknown namespace is read from the API server.
  { body: JSON.stringify(review(pod(), { namespace: 'unheard-of' })), expected: 200 },
  {
    path: '/check',
    body: JSON.stringify(
      review(deployment, { ...IN_SOAK, resource: { group: 'apps', version: 'v1', resource: 'deployments' } }),
    ),
    expected: 200,
  },
  { body: '{"kind":', expected: 400 },
  { path: '/elsewhere', expected: 404 },
  { body: INJECTED.padEnd(200_000), expected: 200 },
];

/** Reviews of every kind; `onReview` gets each. */
export function startMixture(
  url: string,
  ca: string,
  onReview: (one: Reviewed) => void,
): { readonly send: () => Promise<void>; readonly stop: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let turn = 0;
  const send = async (): Promise<void> => {
    const { expected, fresh = false, ...sent } = MIXTURE[turn++ % MIXTURE.length] ?? { expected: 200 };
    const { status, ms } = await post({ url, ca, agent: fresh ? false : agent, ...sent });
    onReview({ expected, found: status, ms });
  };
  return {
    send,
    stop: () => {
      agent.destroy();
    },
  };
}
