import { join } from 'node:path';
import type { AllowedClients } from '../admission/clients.ts';
import type { RouteSettings } from '../admission/route.ts';
import type { WebhookSettings } from '../admission/webhook.ts';
import { ensureDevelopmentCertificate } from '../certificates/development.ts';
import { LOG_LEVELS } from '../telemetry/log.ts';
import { UsageError, type Arguments, type Option } from './command.ts';
import { CONFIG_OPTION, readText } from './config-option.ts';
import { LABELS_OPTION } from './labels-option.ts';

export const WEBHOOK_OPTIONS: readonly Option[] = [
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
    doc: 'folder with tls.crt and tls.key, followed as they are exchanged',
  },
  {
    name: 'client-ca',
    value: 'FILE',
    doc: 'answer only senders with a certificate of these CAs; read once, at the start',
  },
  { name: 'client-names', value: 'NAME,...', doc: 'common names that --client-ca certificates may have' },
  { name: 'kubeconfig', value: 'FILE', doc: 'kubeconfig; by default that of the pod' },
  { name: 'max-in-flight', value: 'N', default: '100', doc: 'reviews handled at once; one more gets 429' },
  { name: 'max-body-mib', value: 'MIB', default: '64', doc: 'MiB of their bodies together; beyond that 429' },
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
];

/** What the flags alone decide of the webhook. */
export type WebhookFlags = RouteSettings &
  Pick<WebhookSettings, 'files' | 'host' | 'port' | 'healthPort' | 'drain'>;

const HIGHEST_PORT = 65_535;
const LONGEST_MS = 3_600_000;
const MIB = 1024 * 1024;

/** Reads and checks the flags; makes the development certificate where standalone. */
export async function readWebhookFlags(args: Arguments): Promise<WebhookFlags> {
  const standalone = args.flag('standalone');
  return {
    host: args.text('host') ?? (standalone ? '127.0.0.1' : '0.0.0.0'),
    port: readNumber(args, 'port', 0, HIGHEST_PORT),
    healthPort: readNumber(args, 'health-port', 0, HIGHEST_PORT),
    mostInFlight: readNumber(args, 'max-in-flight', 1, 100_000),
    mostBytes: readNumber(args, 'max-body-mib', 8, 65_536) * MIB,
    drain: {
      quiet: readNumber(args, 'quiet-ms', 0, LONGEST_MS),
      most: readNumber(args, 'drain-ms', 0, LONGEST_MS),
    },
    clients: await readClients(args),
    files: standalone
      ? await ensureDevelopmentCertificate('certs', new Date())
      : mountedFiles(args.text('tls-dir') ?? ''),
  };
}

function mountedFiles(dir: string): WebhookSettings['files'] {
  return { certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
}

async function readClients(args: Arguments): Promise<AllowedClients | undefined> {
  const file = args.text('client-ca');
  const names = (args.text('client-names') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (file === undefined && names.length === 0) return undefined;
  if (file === undefined || names.length === 0) {
    const missing = file === undefined ? '--client-ca' : '--client-names';
    throw new UsageError(`webhook: found no ${missing}; expected --client-ca and --client-names together`);
  }
  return { ca: await readText(file, '--client-ca'), names };
}

function readNumber(args: Arguments, name: string, least: number, most: number): number {
  const text = args.text(name) ?? '';
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `webhook: found --${name} "${text}"; expected a whole number from ${least} to ${most}`,
  );
}
