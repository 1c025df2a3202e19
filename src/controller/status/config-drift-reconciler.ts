import type { ConfigDrift } from '../../config/load.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Leadership } from '../../kubernetes/elector.ts';
import { printProblem } from '../../problems/problem.ts';
import type { Duty, DutyObserver } from '../runtime/duty.ts';
import { createEventRecorder } from '../runtime/event-recorder.ts';
import { keepDoing, pause } from '../runtime/keep-doing.ts';
import type { ReleaseNames } from '../names.ts';

export interface ConfigDutyOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly identity: string;
  /** How the file stands by now. */
  readonly drift: () => ConfigDrift;
  readonly observer: DutyObserver & { eventFailed(error: unknown): void };
}

const NAME = 'configuration';
const LOOK_EVERY_MS = 5_000;

/** Says on the ConfigMap itself that it cannot be used: whoever edited it looks there, and not into our log. */
export function createConfigDuty(options: ConfigDutyOptions): Duty {
  return { name: NAME, run: (leadership) => keepTelling(options, leadership) };
}

async function keepTelling(options: ConfigDutyOptions, leadership: Leadership): Promise<void> {
  const { client, identity, namespace, names, drift, observer } = options;
  const { signal } = leadership;
  const events = createEventRecorder(client, identity, (error) => {
    observer.eventFailed(error);
  });
  const path = `/api/v1/namespaces/${namespace}/configmaps/${names.config}`;
  let uid: string | undefined;
  let wasInvalid = false;
  const step = async (): Promise<void> => {
    const now = drift();
    if (uid === undefined && now.kind === 'invalid') {
      const answer = await client.getJson(path, { extent: 'metadata' });
      uid = answer.kind === 'ok' ? (answer.body as { metadata: { uid: string } }).metadata.uid : undefined;
    }
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: names.config, uid };
    if (now.kind === 'invalid') {
      const note = describe(now);
      await events.record({ type: 'Warning', reason: 'ConfigurationInvalid', note, regarding });
    } else if (wasInvalid) {
      const note = 'the configuration can be used again';
      await events.record({ type: 'Normal', reason: 'ConfigurationValid', note, regarding });
    }
    wasInvalid = now.kind === 'invalid';
    await pause(LOOK_EVERY_MS, signal);
  };
  await keepDoing(step, { duty: NAME, client, observer, signal });
}

function describe({ problems }: Extract<ConfigDrift, { kind: 'invalid' }>): string {
  const lines = problems.map((problem) => `- ${printProblem(problem)}`);
  return (
    'config.yaml cannot be used. What the running pods were started with stays in force; a pod that starts now is ' +
    `refused. ${problems.length === 1 ? 'Its problem' : `Its ${problems.length} problems`}:\n${lines.join('\n')}`
  );
}
