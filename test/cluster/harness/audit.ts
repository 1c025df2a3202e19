import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request to change something, as the API server itself records it. */
export interface Write {
  readonly verb: string;
  /** As `secrets`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  /** Of the token it came with: two programs of one account have two. */
  readonly credential: string;
  readonly status: number;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
  readonly isDryRun: boolean;
}

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Metadata',
      verbs: ['create', 'update', 'patch', 'delete'],
      resources: [
        { group: '', resources: ['secrets', 'configmaps'] },
        { group: 'rbac.authorization.k8s.io', resources: ['rolebindings'] },
        { group: 'apps', resources: ['deployments'] },
        { group: 'events.k8s.io', resources: ['events'] },
        { group: 'coordination.k8s.io', resources: ['leases'] },
      ],
    },
    { level: 'None' },
  ],
};

/** The audit log of the API server: every change, with its user and time. */
export class AuditLog {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<AuditLog> {
    const log = new AuditLog(await mkdtemp(join(tmpdir(), 'tbot-injector-audit-')));
    await writeFile(log.#policy, JSON.stringify(POLICY));
    return log;
  }

  /** What the API server has to be started with. */
  get flags(): readonly string[] {
    return [`--audit-policy-file=${this.#policy}`, `--audit-log-path=${this.#file}`];
  }

  /** All there were so far; since `since`, where it is given. */
  async writes(since = 0): Promise<readonly Write[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line.endsWith('}'));
    return lines.map((line) => readWrite(JSON.parse(line) as RawEvent)).filter(({ at }) => at >= since);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #policy(): string {
    return join(this.#folder, 'policy.json');
  }

  get #file(): string {
    return join(this.#folder, 'audit.log');
  }
}

interface RawEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: {
    readonly username: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly objectRef: { readonly resource: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
}

function readWrite({
  verb,
  requestURI,
  requestReceivedTimestamp,
  user,
  objectRef,
  responseStatus,
}: RawEvent): Write {
  const { resource, namespace = '', name = '' } = objectRef;
  return {
    verb,
    resource,
    namespace,
    name,
    user: user.username,
    credential: user.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '',
    status: responseStatus?.code ?? 0,
    at: Date.parse(requestReceivedTimestamp),
    isDryRun: requestURI.includes('dryRun=All'),
  };
}

/** The same, in the words of the audit log. */
export function credentialOf(token: string): string {
  const [, payload = ''] = token.split('.');
  const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string };
  return `JTI=${jti}`;
}
