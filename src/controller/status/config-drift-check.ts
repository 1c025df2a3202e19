import type { ConfigDrift } from '../../config/load.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { printProblem } from '../../problems/problem.ts';
import type { ReleaseNames } from '../names.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';

export interface ConfigDriftOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** What the configuration file says by now, against what this program was started with. */
  readonly drift: () => ConfigDrift;
  readonly events: EventRecorder;
}

/** Says on the ConfigMap itself that it cannot be used: its editor looks there, and not into our log. */
export function createConfigDriftCheck(options: ConfigDriftOptions): () => Promise<void> {
  const { client, namespace, names, drift, events } = options;
  const path = `/api/v1/namespaces/${namespace}/configmaps/${names.config}`;
  let uid: string | undefined;
  let wasInvalid = false;
  return async () => {
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
  };
}

function describe({ problems }: Extract<ConfigDrift, { kind: 'invalid' }>): string {
  const lines = problems.map((problem) => `- ${printProblem(problem)}`);
  return (
    'config.yaml cannot be used. What the running pods were started with stays in force; a pod that starts now is ' +
    `refused. ${problems.length === 1 ? 'Its problem' : `Its ${problems.length} problems`}:\n${lines.join('\n')}`
  );
}
