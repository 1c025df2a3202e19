import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readStatus, STATUS_KEY, type CredentialStatus } from '../../../src/credentials/health.ts';
import { credentialOf, type AuditLog, type Write } from './audit.ts';
import { type Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { Installation } from './installation.ts';
import { freePort } from './ports.ts';
import type { RunningProgram } from './program.ts';
import { runDeployment } from './run-deployment.ts';
import { leadCredentials, type SelfMadeLeader } from './self-made-leader.ts';
import { accountKubeconfig } from './service-account.ts';
import { playTbot, type TbotPlayer } from './tbot-player.ts';

export const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' };
export const OUTPUTS = ['one', 'two', 'three'];
const BOT = 'shared';
const NAMESPACE = 'tbot-system';
const ACCOUNT = { namespace: NAMESPACE, name: 'tbot-injector-controller' };
const PATIENT = { seconds: 120, everyMs: 200 };

/** One bot with three outputs for every opted-in namespace. */
const VALUES = {
  teleport: { clusterName: 'example.teleport.sh', proxyServer: 'example.teleport.sh:443' },
  tbot: { version: '18.8.1' },
  controller: { eviction: true },
  bots: {
    [BOT]: {
      join: { method: 'kubernetes', token: 'shared-bot' },
      namespaces: { all: true, acceptClusterWide: true },
      outputs: Object.fromEntries(OUTPUTS.map((name) => [name, { tbot: { type: 'identity' } }])),
    },
  },
};

/** A controller as the chart starts it. */
export interface SceneController extends RunningProgram {
  /** By which the audit log knows it. */
  readonly credential: string;
  /** By its own metric. */
  isLeading(): Promise<boolean>;
}

export interface StartOptions {
  /** Its way to the API server, where that is not the straight one. */
  readonly url?: string;
  readonly nodeFlags?: readonly string[];
}

/** One line of a controller's log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The chart, its controller as a process with the chart's own account, and a player of tbot. */
export class CredentialScene {
  readonly tbot: TbotPlayer;
  readonly #cluster: Cluster;
  readonly #installation: Installation;
  readonly #controllers: RunningProgram[] = [];
  #healthPort = '';

  private constructor(cluster: Cluster, installation: Installation, tbot: TbotPlayer) {
    this.#cluster = cluster;
    this.#installation = installation;
    this.tbot = tbot;
  }

  static async create(cluster: Cluster, shards = 1): Promise<CredentialScene> {
    const file = join(cluster.folder, 'values.yaml');
    const bots = { [BOT]: { ...VALUES.bots[BOT], shards } };
    await writeFile(file, JSON.stringify({ ...VALUES, bots }));
    const installation = new Installation(cluster, NAMESPACE, { valueFiles: [file] });
    await installation.install();
    const account = `tbot-injector-bot-${BOT}`;
    const tbot = await playTbot(cluster, { namespace: NAMESPACE, account, configMap: `${account}-0` });
    return new CredentialScene(cluster, installation, tbot);
  }

  /** Of the controller started last, as text. */
  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#healthPort}/metrics`)).text();
  }

  /** Resident. */
  async memory(): Promise<number> {
    const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(await this.metrics()) ?? [];
    return Math.round(Number(bytes) / 2 ** 20);
  }

  async startController(options: StartOptions = {}): Promise<SceneController> {
    const { url = this.#cluster.url, nodeFlags } = options;
    const healthPort = String(await freePort());
    this.#healthPort = healthPort;
    const kubeconfig = await accountKubeconfig({ ...this.#cluster, url }, ACCOUNT);
    const given = {
      'health-port': healthPort,
      'tbot-url': this.tbot.diagnostics.url,
      kubeconfig: await this.#installation.writeFile(`controller-${healthPort}.yaml`, kubeconfig),
    };
    const program = await runDeployment(this.#cluster, this.#installation, 'controller', given, nodeFlags);
    const controller = {
      ...program,
      credential: credentialOf(/token: (\S+)/.exec(kubeconfig)?.[1] ?? ''),
      isLeading: () => isLeading(healthPort),
    };
    this.#controllers.push(controller);
    return controller;
  }

  /** The controller's reconcilers in this process, without a Lease, with the controller's account. */
  lead(settings?: Parameters<typeof leadCredentials>[2]): Promise<SelfMadeLeader> {
    return leadCredentials(this.#cluster, { account: ACCOUNT, fullname: 'tbot-injector' }, settings);
  }

  /** What all controllers have logged. */
  async log(): Promise<readonly LogLine[]> {
    const text = await readFile(join(this.#cluster.folder, `${NAMESPACE}-controller`, 'log'), 'utf8');
    const lines = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  async optIn(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.#cluster.createNamespace(name, OPTED_IN);
  }

  /** How many services there are in the tbot.yaml of a shard. */
  async listed(shard = 0): Promise<number> {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/tbot-injector-bot-${BOT}-${shard}`;
    const { body } = await this.#cluster.api('GET', path);
    const text = (body as { data?: Record<string, string> }).data?.['tbot.yaml'] ?? '';
    return ((parse(text) as { services?: unknown[] } | null)?.services ?? []).length;
  }

  /** Until tbot starts with exactly these services, in any order; resolves to the seconds that it took. */
  async untilUpWith(services: readonly string[]): Promise<number> {
    const began = performance.now();
    const desired = services.toSorted().join();
    await eventually(
      `tbot is up with ${services.length} services`,
      async () => {
        const start = await this.tbot.start();
        if (start.kind === 'ended') throw new Error(`tbot ended at ${start.service}: ${start.message}`);
        if (start.services.toSorted().join() === desired) return true;
        throw new Error(`tbot is up with ${start.services.length} services`);
      },
      PATIENT,
    );
    return (performance.now() - began) / 1000;
  }

  secret(namespace: string, output: string): string {
    return `/api/v1/namespaces/${namespace}/secrets/tbot-${output}`;
  }

  binding(namespace: string): string {
    return `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/tbot-injector-bot-${BOT}`;
  }

  deployment(shard = 0): string {
    return `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/tbot-injector-bot-${BOT}-${shard}`;
  }

  /** Of a tbot's Deployment: one more with each restart. */
  async generation(shard = 0): Promise<number> {
    const { body } = await this.#cluster.api('GET', this.deployment(shard));
    return (body as { metadata: { generation: number } }).metadata.generation;
  }

  lease(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/tbot-injector-controller`;
  }

  /** What controllers have asked to change since then: not the Lease, and no certificates. */
  async writes(audit: AuditLog, since: number): Promise<readonly Write[]> {
    const writes = await audit.writes(since);
    return writes.filter(
      ({ user, resource, name }) =>
        user === `system:serviceaccount:${NAMESPACE}:${ACCOUNT.name}` &&
        resource !== 'leases' &&
        !/-(ca|webhook-tls)$/.test(name),
    );
  }

  /** Reasons and texts of the Events of a namespace. */
  async events(namespace: string): Promise<readonly string[]> {
    const { body } = await this.#cluster.api('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
    return (body as { items: { reason: string; note: string }[] }).items.map(
      ({ reason, note }) => `${reason}: ${note}`,
    );
  }

  /** The status that webhooks read. */
  async status(): Promise<CredentialStatus> {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/tbot-injector-status`;
    const { body } = await this.#cluster.api('GET', path);
    return readStatus((body as { data?: Record<string, string> }).data?.[STATUS_KEY] ?? '');
  }

  async end(): Promise<void> {
    this.tbot.close();
    await this.endControllers();
  }

  async endControllers(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop('SIGKILL')));
  }
}

async function isLeading(healthPort: string): Promise<boolean> {
  const signal = AbortSignal.timeout(2_000);
  const answer = await fetch(`http://127.0.0.1:${healthPort}/metrics`, { signal }).catch(() => undefined);
  return /^tbot_injector_leader 1$/m.test((await answer?.text()) ?? '');
}

/** As tbot reports them. */
export function servicesOf(namespaces: readonly string[], outputs = OUTPUTS): string[] {
  return namespaces.flatMap((namespace) => outputs.map((output) => `${namespace}+${output}`));
}
