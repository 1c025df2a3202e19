import {
  installConfigurations,
  readState,
  secretPath,
  servingFault,
  type CertificateState,
} from './certificate-state.ts';
import type { Cluster } from './cluster.ts';
import type { Release } from './controller-account.ts';
import {
  type ControllerFiles,
  type ControllerProcess,
  startController,
  type StartOptions,
  writeControllerFiles,
} from './controller-process.ts';
import { eventually } from './eventually.ts';

/** Long, for processes on a busy machine; the scripts in test/load measure how fast they are. */
const PATIENT = { seconds: 60, everyMs: 100 };

let scenes = 0;

/** A release of its own, with webhook configurations and the controllers that are started for it. */
export class ControllerScene {
  readonly release: Release;
  readonly #cluster: Cluster;
  readonly #files: ControllerFiles;
  readonly #controllers: ControllerProcess[] = [];

  private constructor(cluster: Cluster, release: Release, files: ControllerFiles) {
    this.#cluster = cluster;
    this.release = release;
    this.#files = files;
  }

  static async create(cluster: Cluster): Promise<ControllerScene> {
    const release = { namespace: 'tbot-system', fullname: `release-${++scenes}` };
    await installConfigurations(cluster, release);
    return new ControllerScene(cluster, release, await writeControllerFiles(cluster, release));
  }

  start(options?: StartOptions): ControllerProcess {
    const controller = startController(this.#files, options);
    this.#controllers.push(controller);
    return controller;
  }

  /** Starts so many, and waits until one leads and everything serves. */
  async startLeading(count: number): Promise<readonly ControllerProcess[]> {
    for (let each = 0; each < count; each++) this.start();
    await this.untilServing();
    return this.#controllers;
  }

  /** One that leads, and one that follows it. */
  async startPair(): Promise<{ readonly leader: ControllerProcess; readonly successor: ControllerProcess }> {
    const controllers = await this.startLeading(2);
    const leader = await this.until('one leads', () => controllers.find((each) => each.isLeading()));
    const successor = await this.until('the other one follows', () =>
      controllers.find((each) => each.messages().includes('following')),
    );
    return { leader, successor };
  }

  until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
    return eventually(what, ask, PATIENT);
  }

  async untilServing(): Promise<void> {
    await this.until('every entry trusts what is served', async () => {
      const fault = await this.servingFault();
      if (fault !== undefined) throw new Error(fault);
      return true;
    });
  }

  async untilLeads(controller: ControllerProcess): Promise<void> {
    await this.until('it leads', () => controller.isLeading() || undefined);
  }

  async untilReady(controller: ControllerProcess): Promise<void> {
    await this.until('it is ready', async () => (await controller.readiness())?.status === 200 || undefined);
  }

  servingFault(): Promise<string | undefined> {
    return servingFault(this.#cluster, this.release);
  }

  state(): Promise<CertificateState> {
    return readState(this.#cluster, this.release);
  }

  secret(which: Parameters<typeof secretPath>[1]): string {
    return secretPath(this.release, which);
  }

  /** How many certificates each controller has made, in rising order. */
  async rotations(): Promise<readonly number[]> {
    const counts = this.#controllers.map((each) => each.metric('tbot_injector_certificate_rotations_total'));
    return (await Promise.all(counts)).map((count) => count ?? -1).toSorted((a, b) => a - b);
  }

  /** Ends every controller. */
  async end(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop('SIGKILL')));
  }
}
