import type { Action } from '../../credentials/actions.ts';
import { BOT_LABEL, MANAGED_BY, MANAGER, OUTPUT_LABEL, ORPHANED_AT } from '../../credentials/labels.ts';
import type { ObservedMetadata } from '../../credentials/observed.ts';
import { printBinding } from '../../credentials/observed.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import type { ReleaseNames } from '../names.ts';

export interface CredentialStoreOptions {
  readonly client: KubernetesClient;
  /** Of the release, where the bots' accounts are. */
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** The account that each bot's tbot runs as. */
  readonly accountOf: (bot: string) => string;
}

/** Secrets and RoleBindings in consumers' namespaces. Secrets come back as metadata, and are written without data. */
export interface CredentialStore {
  /** @throws KubernetesError; `conflict` where the object is another by now */
  perform(action: Action, namespace: string, now: Date): Promise<void>;
  /** What the RoleBinding of a bot grants. */
  readonly expectedBinding: (bot: string) => string;
}

const RBAC = 'rbac.authorization.k8s.io';

/** Where the objects of a namespace are. */
const secretsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`;
const bindingsPath = (namespace: string): string => `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings`;

export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { client, namespace: release, names, accountOf } = options;
  const roleRef = (bot: string) => ({ apiGroup: RBAC, kind: 'ClusterRole', name: names.bot(bot) });
  const subjects = (bot: string) => [{ kind: 'ServiceAccount', name: accountOf(bot), namespace: release }];

  const apply = async (path: string, body: object): Promise<void> => {
    const answer = await client.patchJson(path, { kind: 'apply', body }, { extent: 'metadata' });
    if (answer.kind === 'ok') return;
    throw new KubernetesError('conflict', `PATCH ${path}: 404, the namespace is gone`, { status: 404 });
  };
  const applySecret = (of: SecretIdentity, annotations?: Readonly<Record<string, string>>): Promise<void> => {
    const { namespace, name, uid, bot, output } = of;
    const labels = { [MANAGED_BY]: MANAGER, [BOT_LABEL]: bot, [OUTPUT_LABEL]: output };
    const metadata = { name, namespace, uid, labels, annotations };
    return apply(`${secretsPath(namespace)}/${name}`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'Opaque',
    });
  };
  const applyBinding = (namespace: string, bot: string, released?: object): Promise<void> => {
    const name = names.bot(bot);
    const metadata = { name, namespace, labels: { [MANAGED_BY]: MANAGER, [BOT_LABEL]: bot }, ...released };
    return apply(`${bindingsPath(namespace)}/${name}`, {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: roleRef(bot),
      subjects: subjects(bot),
    });
  };
  const remove = async (path: string, { uid, resourceVersion }: ObservedMetadata): Promise<void> => {
    await client.deleteJson(path, { uid, resourceVersion }, { extent: 'metadata' });
  };
  const pathOf = ({ of, object }: Extract<Action, { kind: 'delete' }>): string => {
    const { namespace, name } = object;
    return `${of === 'secret' ? secretsPath(namespace) : bindingsPath(namespace)}/${name}`;
  };

  return {
    expectedBinding: (bot) => printBinding(roleRef(bot), subjects(bot)),
    perform: (action, namespace, now) => {
      switch (action.kind) {
        case 'apply-secret':
          return applySecret({ ...action.destination, name: action.destination.secretName });
        case 'apply-binding':
          return applyBinding(namespace, action.bot);
        case 'mark-orphaned': {
          // With its uid: what was deleted in the meantime is not created again.
          const { name, uid, bot = '' } = action.object;
          const annotations = { [ORPHANED_AT]: now.toISOString() };
          if (action.of === 'binding') return applyBinding(namespace, bot, { uid, annotations });
          return applySecret({ namespace, name, uid, bot, output: outputOf(action.object) }, annotations);
        }
        case 'delete':
          return remove(pathOf(action), action.object);
      }
    },
  };
}

interface SecretIdentity {
  readonly namespace: string;
  readonly name: string;
  /** undefined: whichever there is, or a new one. */
  readonly uid?: string;
  readonly bot: string;
  readonly output: string;
}

/** Its label may have been taken off. The guardrail wants one all the same, and until the object is deleted any will do. */
function outputOf(object: ObservedMetadata & { readonly output?: string | undefined }): string {
  return object.output ?? 'unknown';
}
