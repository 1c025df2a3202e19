import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { readCertificates } from '../certificates/certificate.ts';
import { namesOfRelease, namesOfService, type ReleaseNames } from '../controller/names.ts';
import type { CertificateOptions } from '../controller/reconcilers.ts';
import { VERSION } from '../version.ts';
import { createInformerMonitor } from './informer-monitor.ts';
import { aborted, startProcess, type ProcessOptions } from './process.ts';

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
  const { createOpenTerm } = await import('../controller/reconcilers.ts');
  const { loadClient } = await import('../kubernetes/client.ts');
  const { flags, configFile } = options;
  const client = loadClient({ kubeconfig: flags.kubeconfig });
  try {
    const { log, metrics, followedConfig } = startProcess('controller', options);
    const shared = { ...flags, identity: processIdentity(), log, metrics };
    const openTerm = createOpenTerm({
      ...shared,
      config: configFile.config,
      certificates: certificatesOf(flags),
      drift: () => followedConfig.drift,
      monitor: createInformerMonitor(log, metrics),
    });
    const running = await startController({ ...shared, client, openTerm });
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

function certificatesOf({
  keepsCertificates,
  servingNames,
  bundleFile,
}: ControllerFlags): CertificateOptions {
  if (keepsCertificates) return { source: 'own', servingNames };
  return { source: 'given', readBundle: bundleFile === undefined ? undefined : bundleReader(bundleFile) };
}

/** Reads the file each time, and passes nothing on that API servers would refuse. */
function bundleReader(file: string): () => Promise<string> {
  return async () => {
    const bundle = await readFile(file, 'utf8');
    if (readCertificates(bundle).kind === 'read') return bundle;
    throw new Error(`found no certificates in ${file}; expected the CA of the serving certificate, PEM`);
  };
}

/** What the command line says of a release. */
export interface ReleaseFlags {
  readonly namespace: string;
  /** Fullname of the release. */
  readonly name: string;
  /** Service of the webhook; undefined: that of the chart. */
  readonly service: string | undefined;
  /** Names and addresses of the serving certificate beside those of the Service. */
  readonly furtherNames: readonly string[];
  /** ServiceAccounts of bots that do not run as that of the chart. */
  readonly accounts: ReadonlyMap<string, string>;
}

export interface Release {
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly service: string;
  readonly servingNames: readonly string[];
  /** The ServiceAccount that each bot's tbot runs as. */
  readonly accountOf: (bot: string) => string;
}

/** Names that the flags leave out come from that of the release. */
export function releaseOf({ namespace, name, accounts, furtherNames, ...flags }: ReleaseFlags): Release {
  const names = namesOfRelease(name);
  const service = flags.service ?? names.service;
  return {
    namespace,
    names,
    service,
    servingNames: [...namesOfService(service, namespace), ...furtherNames],
    accountOf: (bot) => accounts.get(bot) ?? names.bot(bot),
  };
}
