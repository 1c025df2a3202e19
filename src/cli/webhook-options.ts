import { join } from 'node:path';
import type { StatusPlace } from '../app/webhook-sources.ts';
import type { WebhookFlags } from '../app/webhook.ts';
import { readCertificates } from '../certificates/certificate.ts';
import { ensureDevelopmentCertificate } from './development-certificate.ts';
import { UsageError, type Arguments, type Option } from './command.ts';
import {
  CONFIG_OPTION,
  readText,
  HEALTH_PORT_OPTION,
  MAX_PORT,
  KUBECONFIG_OPTION,
  LABELS_OPTION,
  LOG_LEVEL_OPTION,
  numbersOf,
  readLabels,
} from './options.ts';

export const WEBHOOK_OPTIONS: readonly Option[] = [
  CONFIG_OPTION,
  {
    name: 'host',
    value: 'ADDRESS',
    doc: 'address to listen on (default: all, IPv4 and IPv6; with --standalone 127.0.0.1)',
  },
  { name: 'port', value: 'PORT', default: '8443', doc: 'port for reviews, HTTPS' },
  HEALTH_PORT_OPTION,
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
  KUBECONFIG_OPTION,
  {
    name: 'status',
    value: 'NAMESPACE/NAME',
    doc: 'ConfigMap in which the controller says which credentials were never written; without it there are no such warnings',
  },
  { name: 'max-in-flight', value: 'N', default: '100', doc: 'reviews handled at once; one more gets 429' },
  { name: 'max-body-mib', value: 'MIB', default: '64', doc: 'MiB of their bodies together; beyond that 429' },
  {
    name: 'quiet-ms',
    value: 'MS',
    doc: 'at SIGTERM, close after so many milliseconds without a request (default 5000; with --standalone 0)',
  },
  {
    name: 'drain-ms',
    value: 'MS',
    default: '25000',
    doc: 'at SIGTERM, close after so many milliseconds in any case',
  },
  LOG_LEVEL_OPTION,
  {
    name: 'standalone',
    doc: 'needs no cluster: every namespace counts as opted in, the certificate is made in certs/',
  },
  LABELS_OPTION,
];

const MAX_MS = 3_600_000;
const MIB = 1024 * 1024;

/** Reads and checks the flags; makes the development certificate where standalone. */
export async function readWebhookFlags(args: Arguments): Promise<WebhookFlags> {
  const standalone = args.flag('standalone');
  const status = readStatusPlace(args.text('status'));
  const readNumber = numbersOf('webhook', args);
  return {
    host: args.text('host') ?? (standalone ? '127.0.0.1' : undefined),
    port: readNumber('port', 0, MAX_PORT),
    healthPort: readNumber('health-port', 0, MAX_PORT),
    maxInFlight: readNumber('max-in-flight', 1, 100_000),
    maxBodyBytes: readNumber('max-body-mib', 8, 65_536) * MIB,
    drain: {
      quietMs:
        args.text('quiet-ms') === undefined ? defaultQuiet(standalone) : readNumber('quiet-ms', 0, MAX_MS),
      maxMs: readNumber('drain-ms', 0, MAX_MS),
    },
    clients: await readClients(args),
    source: standalone
      ? { kind: 'standalone', labels: readLabels(args) }
      : { kind: 'cluster', kubeconfig: args.text('kubeconfig'), status },
    files: standalone ? await developmentFiles() : mountedFiles(args.text('tls-dir') ?? ''),
  };
}

/** No API server goes on sending to a standalone webhook, and Ctrl-C should end it at once. */
function defaultQuiet(standalone: boolean): number {
  return standalone ? 0 : 5000;
}

async function developmentFiles(): Promise<WebhookFlags['files']> {
  try {
    return await ensureDevelopmentCertificate('certs', new Date());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`webhook: found ${reason}; expected a folder that can be written`, { cause });
  }
}

function mountedFiles(dir: string): WebhookFlags['files'] {
  return { certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
}

/** Two names of Kubernetes: they become parts of a path. */
const PLACE = /^([a-z0-9][-a-z0-9]{0,62})\/([a-z0-9][-a-z0-9.]{0,252})$/;

function readStatusPlace(value: string | undefined): StatusPlace | undefined {
  if (value === undefined) return undefined;
  const [, namespace, name] = PLACE.exec(value) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new UsageError(`webhook: found --status "${value}"; expected NAMESPACE/NAME of a ConfigMap`);
}

async function readClients(args: Arguments): Promise<WebhookFlags['clients']> {
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
  const ca = await readText(file, '--client-ca');
  if (readCertificates(ca).kind === 'read') return { ca, names };
  throw new UsageError(`webhook: found no certificates in ${file}; expected --client-ca to be a PEM bundle`);
}
