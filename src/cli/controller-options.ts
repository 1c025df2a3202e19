import { readFile } from 'node:fs/promises';
import { type ControllerFlags, releaseOf } from '../app/controller.ts';
import { UsageError, type Arguments, type Option } from './command.ts';
import {
  CONFIG_OPTION,
  HEALTH_PORT_OPTION,
  MAX_PORT,
  KUBECONFIG_OPTION,
  LOG_LEVEL_OPTION,
  numbersOf,
} from './options.ts';

export const CONTROLLER_OPTIONS: readonly Option[] = [
  CONFIG_OPTION,
  {
    name: 'name',
    value: 'NAME',
    default: 'tbot-injector',
    doc: 'fullname of the release: Secrets, Lease and webhook configurations are called after it',
  },
  { name: 'namespace', value: 'NAME', doc: "namespace of the release (default POD_NAMESPACE, or the pod's)" },
  { name: 'service', value: 'NAME', doc: 'Service of the webhook (default <name>-webhook)' },
  {
    name: 'serving-name',
    value: 'NAME',
    multiple: true,
    doc: 'further DNS name or IP address for the serving certificate',
  },
  {
    name: 'certificates',
    value: 'WHOSE',
    choices: ['own', 'given'],
    default: 'own',
    doc: 'own: made and renewed here; given: another writer, such as cert-manager, fills Secret and caBundle',
  },
  {
    name: 'ca-bundle',
    value: 'FILE',
    doc: 'with given certificates: publish the CAs of this PEM file as caBundle; asked again as it changes',
  },
  {
    name: 'account',
    value: 'BOT=NAME',
    multiple: true,
    doc: "ServiceAccount of a bot's tbot (default <name>-bot-<bot>)",
  },
  {
    name: 'tbot-url',
    value: 'URL',
    doc: 'where a tbot tells how it is, with {bot} and {shard} in it (default: the Service that the chart makes)',
  },
  {
    name: 'evict',
    doc: 'evict pods that slipped through uninjected, one in 30 s, of owners that make new ones',
  },
  {
    name: 'restart-workloads',
    doc: 'restart workloads that ask for it by annotation, one in 30 s',
  },
  { name: 'host', value: 'ADDRESS', doc: 'address to listen on (default: all, IPv4 and IPv6)' },
  HEALTH_PORT_OPTION,
  KUBECONFIG_OPTION,
  LOG_LEVEL_OPTION,
];

/** Where Kubernetes tells a pod its namespace. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** A DNS label: these names become parts of paths. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^[a-z0-9.:]([-a-z0-9.:]{0,251}[a-z0-9.:])?$/i;

/**
 * Reads and checks the flags.
 * @param env of the process: `POD_NAMESPACE` is the default of `--namespace`
 */
export async function readControllerFlags(args: Arguments, env: NodeJS.ProcessEnv): Promise<ControllerFlags> {
  const release = releaseOf({
    namespace: label('namespace', args.text('namespace') ?? env['POD_NAMESPACE'] ?? (await podNamespace())),
    name: label('name', args.text('name') ?? ''),
    service: args.text('service'),
    furtherNames: args
      .texts('serving-name')
      .map((name) => checked('serving-name', name, NAME, 'a name or address')),
    accounts: new Map(args.texts('account').map(readAccount)),
  });
  label('service', release.service);
  return {
    ...release,
    kubeconfig: args.text('kubeconfig'),
    bundleFile: bundleFile(args),
    keepsCertificates: args.text('certificates') === 'own',
    tbotUrlOf: tbotUrls(args),
    evicts: args.flag('evict'),
    restartsWorkloads: args.flag('restart-workloads'),
    host: args.text('host'),
    healthPort: numbersOf('controller', args)('health-port', 0, MAX_PORT),
  };
}

function bundleFile(args: Arguments): string | undefined {
  const file = args.text('ca-bundle');
  if (file === undefined || args.text('certificates') === 'given') return file;
  throw new UsageError(
    'controller: found --ca-bundle with certificates of its own; expected it with --certificates given',
  );
}

function tbotUrls(args: Arguments): ControllerFlags['tbotUrlOf'] {
  const template = args.text('tbot-url');
  if (template === undefined) return undefined;
  const urlOf = ({ bot, shard }: { bot: string; shard: number }): string =>
    template.replaceAll('{bot}', bot).replaceAll('{shard}', String(shard));
  if (URL.parse(urlOf({ bot: 'a', shard: 0 }))?.protocol === 'http:') return urlOf;
  const expected = 'a URL such as http://{bot}-{shard}.example:3001, without TLS as tbot serves it';
  throw new UsageError(`controller: found --tbot-url "${template}"; expected ${expected}`);
}

async function podNamespace(): Promise<string> {
  try {
    return (await readFile(NAMESPACE_FILE, 'utf8')).trim();
  } catch (cause) {
    throw new UsageError('controller: found no namespace; expected a pod. Fix: pass --namespace', { cause });
  }
}

function readAccount(value: string): readonly [bot: string, name: string] {
  const [bot = '', name = ''] = value.split('=');
  return [
    label('account', bot),
    checked('account', name, NAME, 'BOT=NAME, with the name of a ServiceAccount'),
  ];
}

function label(flag: string, value: string): string {
  return checked(flag, value, LABEL, 'a name of lower-case letters, digits and "-", at most 63 characters');
}

function checked(flag: string, value: string, pattern: RegExp, expected: string): string {
  if (pattern.test(value)) return value;
  throw new UsageError(`controller: found --${flag} "${value}"; expected ${expected}`);
}
