import { join } from 'node:path';
import { fixedNamespaces } from '../admission/namespaces.ts';
import type { ServingCertificate } from '../admission/server.ts';
import { startWebhook } from '../admission/webhook.ts';
import { ensureDevelopmentCertificate } from '../certificates/development.ts';
import { createLog, LOG_LEVELS, type Log, type LogLevel } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { watchNamespaces, type ClusterNamespaces } from './cluster-namespaces.ts';
import { EXIT, UsageError, type Arguments, type Command } from './command.ts';
import { CONFIG_OPTION, readConfig, readText } from './config-option.ts';
import { LABELS_OPTION, readLabels } from './labels-option.ts';
import { createObserver } from './observer.ts';

/** `webhook`: serves admission reviews until SIGTERM, then drains. */
export const webhook: Command = {
  name: 'webhook',
  summary: 'Serves admission reviews over TLS.',
  mostPositionals: 0,
  options: [
    CONFIG_OPTION,
    {
      name: 'host',
      value: 'ADDRESS',
      doc: 'address to listen on (default 0.0.0.0; with --standalone 127.0.0.1)',
    },
    { name: 'port', value: 'PORT', default: '8443', doc: 'port for reviews, HTTPS' },
    {
      name: 'health-port',
      value: 'PORT',
      default: '8080',
      doc: 'port for /healthz, /readyz and /metrics, plain HTTP',
    },
    {
      name: 'tls-dir',
      value: 'DIR',
      default: '/etc/tbot-injector/tls',
      doc: 'folder with tls.crt and tls.key',
    },
    { name: 'kubeconfig', value: 'FILE', doc: 'kubeconfig; by default that of the pod' },
    { name: 'max-in-flight', value: 'N', default: '100', doc: 'reviews handled at once; one more gets 429' },
    {
      name: 'quiet-ms',
      value: 'MS',
      default: '5000',
      doc: 'at SIGTERM, close after so many milliseconds without a request',
    },
    {
      name: 'drain-ms',
      value: 'MS',
      default: '25000',
      doc: 'at SIGTERM, close after so many milliseconds in any case',
    },
    {
      name: 'log-level',
      value: 'LEVEL',
      choices: LOG_LEVELS,
      default: 'info',
      doc: `one of ${LOG_LEVELS.join(', ')}`,
    },
    {
      name: 'standalone',
      doc: 'needs no cluster: every namespace counts as opted in, the certificate is made in certs/',
    },
    LABELS_OPTION,
  ],
  async run(args, io) {
    const config = await readConfig(args, io);
    const standalone = args.flag('standalone');
    const log = createLog({ level: args.text('log-level') as LogLevel });
    const metrics = createMetrics({ version: VERSION, countByNamespace: config.telemetry.countByNamespace });
    const numbers = readNumbers(args);
    const serving = await readServing(args);
    const cluster = standalone ? undefined : await openCluster(args, log, metrics);
    try {
      const running = await startWebhook({
        config,
        serving,
        namespaces: cluster ?? fixedNamespaces(readLabels(args)),
        observer: createObserver(log, metrics),
        health: {
          checks: cluster === undefined ? {} : { namespaces: () => cluster.synced },
          metrics: () => metrics.render(),
        },
        host: args.text('host') ?? (standalone ? '127.0.0.1' : '0.0.0.0'),
        ...numbers,
      });
      log.info('listening', { port: running.port, version: VERSION });
      log.info('listening for probes', { port: running.healthPort });
      await stopped(io.stop);
      log.info('draining');
      await running.stop();
      log.info('closed');
      return EXIT.fine;
    } catch (error) {
      throw portTaken(error) ?? error;
    } finally {
      await cluster?.stop();
    }
  },
};

async function openCluster(args: Arguments, log: Log, metrics: Metrics): Promise<ClusterNamespaces> {
  try {
    return await watchNamespaces(args.text('kubeconfig'), log, metrics);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `webhook: found no usable kubeconfig (${reason}); expected a cluster. Fix: pass --kubeconfig, or --standalone to do without`,
      { cause },
    );
  }
}

/** The mounted pair; standalone, one made for loopback. */
async function readServing(args: Arguments): Promise<ServingCertificate> {
  if (args.flag('standalone')) {
    const files = await ensureDevelopmentCertificate('certs', new Date());
    return {
      certificate: await readText(files.certificate, '--standalone'),
      key: await readText(files.key, '--standalone'),
    };
  }
  const dir = args.text('tls-dir') ?? '';
  const read = (file: string): Promise<string> => readText(join(dir, file), '--tls-dir');
  return { certificate: await read('tls.crt'), key: await read('tls.key') };
}

interface Numbers {
  readonly port: number;
  readonly healthPort: number;
  readonly mostInFlight: number;
  readonly drain: { readonly quiet: number; readonly most: number };
}

const HIGHEST_PORT = 65_535;
const LONGEST_MS = 3_600_000;

function readNumbers(args: Arguments): Numbers {
  const read = (name: string, least: number, most: number): number => {
    const text = args.text(name) ?? '';
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(
      `webhook: found --${name} "${text}"; expected a whole number from ${least} to ${most}`,
    );
  };
  return {
    port: read('port', 0, HIGHEST_PORT),
    healthPort: read('health-port', 0, HIGHEST_PORT),
    mostInFlight: read('max-in-flight', 1, 100_000),
    drain: { quiet: read('quiet-ms', 0, LONGEST_MS), most: read('drain-ms', 0, LONGEST_MS) },
  };
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

function portTaken(error: unknown): UsageError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return undefined;
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return undefined;
  const why = error.code === 'EACCES' ? 'that this user may not open' : 'that is in use';
  return new UsageError(
    `webhook: found port ${String(error.port)} ${why}; expected a free one. Fix: choose others with --port and --health-port`,
  );
}
