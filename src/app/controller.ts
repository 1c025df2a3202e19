import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { readCertificates } from '../certificates/pem.ts';
import type { Duty } from '../controller/runtime/duty.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { VERSION } from '../version.ts';
import { createControllerObserver } from './controller-observer.ts';
import { aborted, startProcess, type ProcessOptions, type ProcessParts } from './process.ts';
import type { Release } from './release.ts';

/** What the command line decides of a controller. */
export interface ControllerFlags extends Release {
  /** undefined: that of the pod. */
  readonly kubeconfig: string | undefined;
  /** File of the CA of given certificates, where this controller is to publish it. */
  readonly bundleFile: string | undefined;
  /** Whether this controller makes and renews the certificates. */
  readonly keepsCertificates: boolean;
  /** Where the diagnostics of a tbot are; undefined: at the chart's Service. */
  readonly tbotUrlOf: ((of: { readonly bot: string; readonly shard: number }) => string) | undefined;
  readonly evicts: boolean;
  readonly restartsWorkloads: boolean;
  /** undefined: every address, of both families where the machine has them. */
  readonly host: string | undefined;
  readonly healthPort: number;
}

export interface ControllerOptions extends ProcessOptions {
  readonly flags: ControllerFlags;
}

/**
 * Does what one replica at a time has to do in a cluster, until `stop`.
 * @throws KubernetesError `configuration` without a usable cluster; the error of a port that cannot be had
 */
export async function runController(options: ControllerOptions): Promise<void> {
  // What talks to a cluster takes most of a second to load; other commands do not pay for it.
  const { startController } = await import('../controller/controller.ts');
  const { loadClient } = await import('../kubernetes/client.ts');
  const { flags } = options;
  const client = loadClient({ kubeconfig: flags.kubeconfig });
  try {
    const parts = startProcess(options);
    const { log, metrics } = parts;
    const observer = createControllerObserver(log, metrics, () => client.contact.aheadMs);
    const identity = processIdentity();
    const duties = await createDuties({ options, parts, client, observer, identity });
    const running = await startController({
      ...flags,
      client,
      identity,
      duties,
      observer,
      metrics: () => metrics.render(),
    });
    log.info('listening for probes', { port: running.healthPort, version: VERSION });
    await aborted(options.stop);
    log.info('stopping');
    await running.stop();
    log.info('closed');
  } finally {
    await client.close();
  }
}

/** The name of a pod is that of its host; it may come back after a restart, and this is another process then. */
export function processIdentity(): string {
  return `${hostname()}_${randomUUID()}`;
}

interface DutyContext {
  readonly options: ControllerOptions;
  readonly parts: ProcessParts;
  readonly client: KubernetesClient;
  readonly observer: ReturnType<typeof createControllerObserver>;
  readonly identity: string;
}

/** All that the leader does. */
async function createDuties(context: DutyContext): Promise<readonly Duty[]> {
  const { createBundleDuty } = await import('../controller/certificates/given-bundle-reconciler.ts');
  const { createCertificateDuty } = await import('../controller/certificates/certificate-reconciler.ts');
  const { createConfigDuty } = await import('../controller/status/config-drift-reconciler.ts');
  const { createCredentialDuty } = await import('../controller/credential-duty.ts');
  const { flags, configFile } = context.options;
  const { followedConfig } = context.parts;
  const { client, observer, identity } = context;
  const shared = { ...flags, client, observer, identity };
  return [
    ...(flags.keepsCertificates ? [createCertificateDuty(shared)] : []),
    ...(flags.bundleFile === undefined
      ? []
      : [createBundleDuty({ ...shared, readBundle: bundleReader(flags.bundleFile) })]),
    createConfigDuty({ ...shared, drift: () => followedConfig.drift }),
    createCredentialDuty({ ...shared, config: configFile.config }),
  ];
}

/** Reads the file each time, and passes nothing on that API servers would refuse. */
function bundleReader(file: string): () => Promise<string> {
  return async () => {
    const bundle = await readFile(file, 'utf8');
    if (readCertificates(bundle).kind === 'read') return bundle;
    throw new Error(`found no certificates in ${file}; expected the CA of the serving certificate, PEM`);
  };
}
