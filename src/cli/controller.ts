import { readFile } from 'node:fs/promises';
import { readCertificates } from '../certificates/certificate.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { EXIT, UsageError, type Arguments, type Command } from './command.ts';
import { readConfigFile } from './config-option.ts';
import { createInformerMonitor } from './informer-monitor.ts';
import type { CertificateOptions } from '../controller/reconcilers.ts';
import { CONTROLLER_OPTIONS, readControllerFlags, type ControllerFlags } from './controller-options.ts';
import { followConfig } from './follow-config.ts';
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
    const metrics = createMetrics({ version: VERSION, process: 'controller' });
    // What talks to a cluster takes most of a second to load; other commands do not pay for it.
    const { createOpenTerm } = await import('../controller/reconcilers.ts');
    const { startController } = await import('../controller/controller.ts');
    const client = await openClient(args);
    const followed = followConfig({ ...read, log, metrics, stop: io.stop });
    try {
      const running = await startController({
        ...flags,
        client,
        openTerm: createOpenTerm({
          ...flags,
          config,
          certificates: certificatesOf(flags),
          drift: () => followed.drift,
          monitor: createInformerMonitor(log, metrics),
          log,
          metrics,
        }),
        log,
        metrics,
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

function certificatesOf({
  keepsCertificates,
  servingNames,
  bundleFile,
}: ControllerFlags): CertificateOptions {
  if (keepsCertificates) return { source: 'own', servingNames };
  return { source: 'given', readBundle: bundleFile === undefined ? undefined : bundleReader(bundleFile) };
}

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
