import { readFile } from 'node:fs/promises';
import { readCertificates } from '../certificates/pem.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { EXIT, UsageError, type Arguments, type Command } from './command.ts';
import { readConfigFile } from './config-option.ts';
import { createControllerObserver } from '../app/controller-observer.ts';
import { CONTROLLER_OPTIONS, readControllerFlags } from './controller-options.ts';
import { followConfig } from '../app/follow-config.ts';
import { aborted, portTaken } from './lifetime.ts';

/** `controller`: does what one replica at a time has to do in a cluster, until SIGTERM. */
export const controller: Command = {
  name: 'controller',
  summary: 'Keeps certificates and credentials in a cluster; of several replicas one leads.',
  mostPositionals: 0,
  options: CONTROLLER_OPTIONS,
  async run(args, io) {
    const read = await readConfigFile(args, io);
    const { config } = read;
    const flags = await readControllerFlags(args, process.env);
    const log = createLog({ level: args.text('log-level') as LogLevel });
    const metrics = createMetrics({ version: VERSION, countByNamespace: config.telemetry.countByNamespace });
    // What talks to a cluster takes most of a second to load; other commands do not pay for it.
    const { createBundleDuty } = await import('../controller/certificates/given-bundle-reconciler.ts');
    const { createCertificateDuty } = await import('../controller/certificates/certificate-reconciler.ts');
    const { createConfigDuty } = await import('../controller/status/config-drift-reconciler.ts');
    const { createCredentialDuty } = await import('../controller/credential-duty.ts');
    const { startController } = await import('../controller/controller.ts');
    const client = await openClient(args);
    const followed = followConfig({ ...read, log, metrics, stop: io.stop });
    const observer = createControllerObserver(log, metrics, () => client.contact.aheadMs);
    try {
      const running = await startController({
        ...flags,
        client,
        duties: [
          ...(flags.keepsCertificates ? [createCertificateDuty({ ...flags, client, observer })] : []),
          ...(flags.bundleFile === undefined
            ? []
            : [createBundleDuty({ ...flags, client, observer, readBundle: bundleReader(flags.bundleFile) })]),
          createConfigDuty({ ...flags, client, observer, drift: () => followed.drift }),
          createCredentialDuty({ ...flags, client, config, observer }),
        ],
        observer,
        metrics: () => metrics.render(),
      });
      log.info('listening for probes', { port: running.healthPort, version: VERSION });
      await aborted(io.stop);
      log.info('stopping');
      await running.stop();
      log.info('closed');
      return EXIT.fine;
    } catch (error) {
      throw portTaken('controller', error, 'choose another with --health-port') ?? error;
    } finally {
      await client.close();
    }
  },
};

/** Reads it each time, and passes nothing on that API servers would refuse. */
function bundleReader(file: string): () => Promise<string> {
  return async () => {
    const bundle = await readFile(file, 'utf8');
    if (readCertificates(bundle).kind === 'read') return bundle;
    throw new Error(`found no certificates in ${file}; expected the CA of the serving certificate, PEM`);
  };
}

async function openClient(args: Arguments): Promise<KubernetesClient> {
  const { loadClient } = await import('../kubernetes/client.ts');
  try {
    return loadClient({ kubeconfig: args.text('kubeconfig') });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fix = 'Fix: pass --kubeconfig';
    throw new UsageError(`controller: found no usable kubeconfig (${reason}); expected a cluster. ${fix}`, {
      cause,
    });
  }
}
