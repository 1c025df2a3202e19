import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLog, type Write } from '../harness/audit.ts';
import { change } from '../harness/change.ts';
import { startCluster, type Cluster } from '../harness/cluster.ts';
import { CredentialScene, servicesOf, type SceneController } from '../harness/credential-scene.ts';
import { eventually } from '../harness/eventually.ts';

const OPT_IN_LABEL = 'tbot-injector.io/injection';
const CREDENTIALS = ['secrets', 'rolebindings', 'configmaps'];
const PATIENT = { seconds: 60, everyMs: 50 };

/** A cluster with the chart, whose API server records who writes what; and the namespaces that get credentials. */
export class Stage {
  readonly cluster: Cluster;
  readonly scene: CredentialScene;
  readonly audit: AuditLog;
  /** Opted in, and whole. */
  readonly teams = new Set<string>();

  private constructor(cluster: Cluster, scene: CredentialScene, audit: AuditLog) {
    this.cluster = cluster;
    this.scene = scene;
    this.audit = audit;
  }

  /** `files`: outside of the test runner, which else tells where the programs are. */
  static async open(files?: Parameters<typeof startCluster>[0]): Promise<Stage> {
    const audit = await AuditLog.create();
    const cluster = await startCluster(files, audit.flags);
    return new Stage(cluster, await CredentialScene.create(cluster), audit);
  }

  async close(): Promise<void> {
    await this.scene.end();
    await this.cluster.stop();
    await this.audit.remove();
  }

  async optIn(...names: readonly string[]): Promise<void> {
    for (const name of names) this.teams.add(name);
    await this.scene.optIn(...names);
  }

  /** Of a namespace that is there. */
  async label(namespace: string): Promise<void> {
    this.teams.add(namespace);
    await this.#setLabel(namespace, 'enabled');
  }

  async unlabel(namespace: string): Promise<void> {
    this.teams.delete(namespace);
    await this.#setLabel(namespace, null);
  }

  /** Until tbot starts with exactly the desired services. */
  async untilUp(): Promise<void> {
    await this.scene.untilUpWith(servicesOf([...this.teams]));
  }

  /** Until no controller has written for a while; a restart of tbot may still be due. */
  async untilQuiet(): Promise<void> {
    await eventually(
      'no controller writes for 2 s',
      async () => {
        const since = Date.now();
        await sleep(2_000);
        return (await this.scene.writes(this.audit, since)).length === 0 || undefined;
      },
      { seconds: 90, everyMs: 10 },
    );
  }

  /**
   * What controllers have asked to change in Secrets, RoleBindings and tbot.yaml since then. Left out are the status, which
   * every new leader says again, and so are Events, and restarts, which may be due from before.
   */
  async changes(since: number): Promise<readonly Write[]> {
    const writes = await this.scene.writes(this.audit, since);
    return writes.filter(({ resource, name }) => CREDENTIALS.includes(resource) && !name.endsWith('-status'));
  }

  async #setLabel(namespace: string, value: string | null): Promise<void> {
    const labels = { [OPT_IN_LABEL]: value };
    await change(this.cluster.api, 'PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels } });
  }
}

export async function untilLeads(controller: SceneController): Promise<void> {
  await eventually('it leads', async () => (await controller.isLeading()) || undefined, PATIENT);
}
