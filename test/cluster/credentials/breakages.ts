import { change } from '../harness/change.ts';
import type { Cluster } from '../harness/cluster.ts';
import { OUTPUTS, type CredentialScene } from '../harness/credential-scene.ts';
import type { RunningProgram } from '../harness/program.ts';

export interface Breakable {
  readonly cluster: Cluster;
  readonly scene: CredentialScene;
  readonly controller: RunningProgram;
}

/** One way to break the credentials of a namespace. */
export interface Breakage {
  /** Breaks one output, or all, of a namespace. */
  readonly harm: (breakable: Breakable, namespace: string) => Promise<void>;
  /** Outputs of that namespace that stay in tbot.yaml. */
  readonly remaining: readonly string[];
  /** Text of the Event about it; undefined: the controller repairs it, or the namespace is gone. */
  readonly event: string | undefined;
}

export const BREAKAGES: Readonly<Record<string, Breakage>> = {
  'a Secret is deleted': {
    harm: ({ cluster, scene }, team) => change(cluster.api, 'DELETE', scene.secret(team, 'one')),
    remaining: OUTPUTS,
    event: undefined,
  },
  'the RoleBinding is deleted': {
    harm: ({ cluster, scene }, team) => change(cluster.api, 'DELETE', scene.binding(team)),
    remaining: OUTPUTS,
    event: undefined,
  },
  'the RoleBinding gets another subject': {
    harm: ({ cluster, scene }, team) => {
      const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: team }];
      return change(cluster.api, 'PATCH', scene.binding(team), { subjects });
    },
    remaining: OUTPUTS,
    event: undefined,
  },
  'a Secret is made immutable': {
    harm: ({ cluster, scene }, team) =>
      change(cluster.api, 'PATCH', scene.secret(team, 'one'), { immutable: true }),
    remaining: ['two', 'three'],
    event: 'CredentialBlocked: output one of bot shared is not renewed',
  },
  'a user edits a key': {
    harm: ({ cluster, scene }, team) => {
      const path = `${scene.secret(team, 'two')}?fieldManager=kubectl-edit`;
      return change(cluster.api, 'PATCH', path, { data: { identity: 'AAAA' } });
    },
    remaining: ['one', 'three'],
    event: 'written by kubectl-edit; expected tbot alone',
  },
  'a Secret is of another type': {
    harm: (breakable, team) => exchangeSecret(breakable, team, { type: 'kubernetes.io/basic-auth' }),
    remaining: ['one', 'two'],
    event: 'made by another writer; expected type Opaque',
  },
  'a Secret of that name is not ours': {
    harm: (breakable, team) => exchangeSecret(breakable, team, { labels: {} }),
    remaining: ['one', 'two'],
    event: "that is not tbot-injector's",
  },
  'a Secret hangs in its deletion': {
    harm: async ({ cluster, scene }, team) => {
      const path = scene.secret(team, 'one');
      await change(cluster.api, 'PATCH', path, { metadata: { finalizers: ['example.com/hold'] } });
      await change(cluster.api, 'DELETE', path);
    },
    remaining: ['two', 'three'],
    event: undefined,
  },
  'the namespace is being deleted': {
    harm: ({ cluster }, team) => change(cluster.api, 'DELETE', `/api/v1/namespaces/${team}`),
    remaining: [],
    event: undefined,
  },
};

/** As another writer could, between a deletion and the controller's next reconcile. */
async function exchangeSecret(
  { cluster, scene, controller }: Breakable,
  team: string,
  { type = 'Opaque', labels }: { readonly type?: string; readonly labels?: object },
): Promise<void> {
  const path = scene.secret(team, 'three');
  const { body } = await cluster.api('GET', path);
  const { metadata } = body as { metadata: { name: string; labels: object } };
  controller.signal('SIGSTOP');
  try {
    await change(cluster.api, 'DELETE', path);
    await change(cluster.api, 'POST', path.slice(0, path.lastIndexOf('/')), {
      metadata: { name: metadata.name, labels: labels ?? metadata.labels },
      type,
      stringData: type === 'Opaque' ? {} : { username: 'a', password: 'b' },
    });
  } finally {
    controller.signal('SIGCONT');
  }
}
