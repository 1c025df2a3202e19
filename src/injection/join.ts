import { PREFIX } from '../config/opt-in.ts';
import type { Ask } from '../annotations/parse.ts';
import type { Problem } from '../problems/problem.ts';
import type { ContainerView, PodView } from './pod.ts';
import type { Attachment, AttachmentResult } from './plan.ts';

/** The names and paths of Teleport's own guide and chart, so that its tbot.yaml works unchanged. */
const TOKEN_VOLUME = 'join-sa-token';
const TOKEN_FOLDER = '/var/run/secrets/tokens';
const CONFIG_VOLUME = 'tbot-config';
const CONFIG_FOLDER = '/config';

/** The API server's default for projected volumes, set so that a reinvocation finds an equal volume. */
const PROJECTED_MODE = 0o644;

export interface JoinSettings {
  /** The Teleport cluster's name. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** The attachments for `join`: the token for the containers that run tbot, and the ConfigMap with its tbot.yaml. */
export function attachJoin(
  ask: Ask,
  settings: JoinSettings,
  pod: PodView,
  containers: ReadonlySet<ContainerView>,
): AttachmentResult {
  if (ask.join.length === 0) return { attachments: [], problems: [], warnings: [] };
  if (pod.os === 'windows') return { attachments: [], problems: [joinOnWindows()], warnings: [] };
  const attachments = [joinToken(settings, containers), ...tbotConfig(ask, containers)];
  return { attachments, problems: [], warnings: pod.automountsToken ? [] : [NO_API_ACCESS] };
}

const NO_API_ACCESS =
  'spec.automountServiceAccountToken is false: tbot can join Teleport, but cannot write kubernetes_secret destinations';

function joinToken(settings: JoinSettings, containers: ReadonlySet<ContainerView>): Attachment {
  const serviceAccountToken = { ...settings, path: TOKEN_VOLUME };
  return {
    from: `${PREFIX}join`,
    volume: {
      name: TOKEN_VOLUME,
      projected: { sources: [{ serviceAccountToken }], defaultMode: PROJECTED_MODE },
    },
    mountPath: TOKEN_FOLDER,
    hasFixedPath: true,
    env: [
      {
        name: 'POD_NAMESPACE',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
      },
      { name: 'KUBERNETES_TOKEN_PATH', value: `${TOKEN_FOLDER}/${TOKEN_VOLUME}` },
    ],
    warning: undefined,
    containers,
    pathFix: 'use another path there',
  };
}

function tbotConfig(ask: Ask, containers: ReadonlySet<ContainerView>): Attachment[] {
  if (ask.tbotConfig === undefined) return [];
  const { name, path } = ask.tbotConfig;
  return [
    {
      from: `${PREFIX}tbot-config`,
      volume: { name: CONFIG_VOLUME, configMap: { name, optional: false } },
      mountPath: path ?? CONFIG_FOLDER,
      hasFixedPath: false,
      env: [],
      warning: undefined,
      containers,
      pathFix: `choose another path with ${PREFIX}tbot-config: "${name}=/path"`,
    },
  ];
}

function joinOnWindows(): Problem {
  return {
    code: 'join-on-windows',
    where: `${PREFIX}join`,
    found: 'spec.os.name windows',
    expected: 'a Linux pod: tbot has no image for Windows',
    fix: `remove ${PREFIX}join and mount outputs of a shared tbot instead`,
  };
}
