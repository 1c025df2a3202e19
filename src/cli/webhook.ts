import { fixedNamespaces } from '../admission/sources.ts';
import { startWebhook } from '../admission/webhook.ts';
import { createLog, type Log, type LogLevel } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { openSources, type ClusterSources } from '../app/webhook-cluster.ts';
import { EXIT, UsageError, type Arguments, type Command } from './command.ts';
import { readConfigFile } from './config-option.ts';
import { followConfig } from '../app/follow-config.ts';
import { aborted, portTaken } from './lifetime.ts';
import { readLabels } from './labels-option.ts';
import { createWebhookObserver } from '../app/webhook-observer.ts';
import { readWebhookFlags, WEBHOOK_OPTIONS, type WebhookFlags } from './webhook-options.ts';

const CHOOSE_PORTS = 'choose others with --port and --health-port';

/** `webhook`: serves admission reviews until SIGTERM, then drains. */
export const webhook: Command = {
  name: 'webhook',
  summary: 'Serves admission reviews over TLS.',
  mostPositionals: 0,
  options: WEBHOOK_OPTIONS,
  async run(args, io) {
    const read = await readConfigFile(args, io);
    const { config } = read;
    const flags = await readWebhookFlags(args);
    const log = createLog({ level: args.text('log-level') as LogLevel });
    const metrics = createMetrics({ version: VERSION, countByNamespace: config.telemetry.countByNamespace });
    followConfig({ ...read, log, metrics, stop: io.stop });
    const cluster = args.flag('standalone') ? undefined : await openCluster(args, flags.status, log, metrics);
    const checks = cluster === undefined ? {} : { namespaces: () => cluster.namespaces.synced };
    try {
      const running = await startWebhook({
        ...flags,
        config,
        namespaces: cluster?.namespaces ?? fixedNamespaces(readLabels(args)),
        credentials: cluster?.credentials,
        observer: createWebhookObserver(log, metrics),
        health: { checks, metrics: () => metrics.render() },
      });
      log.info('listening for probes', { port: running.healthPort });
      const stopped = aborted(io.stop);
      void stopped.then(() => {
        log.info('draining');
      });
      try {
        const port = await Promise.race([running.listening, stopped]);
        if (port !== undefined) log.info('listening', { port, version: VERSION });
        await stopped;
      } finally {
        await running.stop();
      }
      log.info('closed');
      return EXIT.fine;
    } catch (error) {
      throw hostMissing(error) ?? portTaken('webhook', error, CHOOSE_PORTS) ?? error;
    } finally {
      await cluster?.stop();
    }
  },
};

async function openCluster(
  args: Arguments,
  status: WebhookFlags['status'],
  log: Log,
  metrics: Metrics,
): Promise<ClusterSources> {
  try {
    return await openSources({ kubeconfig: args.text('kubeconfig'), status, log, metrics });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fix = 'Fix: pass --kubeconfig, or --standalone to do without';
    throw new UsageError(`webhook: found no usable kubeconfig (${reason}); expected a cluster. ${fix}`, {
      cause,
    });
  }
}

function hostMissing(error: unknown): UsageError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'ENOTFOUND') return undefined;
  return new UsageError(
    'webhook: found a --host that this machine does not have; expected one of its addresses',
  );
}
