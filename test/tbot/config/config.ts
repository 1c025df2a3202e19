import { Fault, messageOf } from '../fault.ts';
import { decode, goBool, goList, goString, goStruct } from './go-types.ts';
import { readGoYaml, type GoNode } from './go-yaml.ts';
import { checkLifetime, LIFETIME_FIELDS } from './lifetime.ts';
import { readDestination } from './destination.ts';
import { checkService, readService, type RawService, type Service } from './service.ts';

/** A tbot.yaml with which tbot starts. */
export interface BotConfig {
  readonly services: readonly Service[];
  readonly joinMethod: string;
  /** Name of the join token. */
  readonly token: string;
  /** Of `onboarding.kubernetes`. */
  readonly tokenPath: string | undefined;
  readonly ttlMs: number;
  readonly renewalMs: number;
  readonly oneshot: boolean;
  readonly diagAddr: string | undefined;
  readonly warnings: readonly string[];
}

const JOIN_METHODS = [
  ...['azure', 'azure_devops', 'bitbucket', 'bound_keypair', 'circleci', 'env0', 'gcp', 'generic_oidc'],
  ...['github', 'gitlab', 'iam', 'kubernetes', 'oracle', 'spacelift', 'terraform_cloud', 'token', 'tpm'],
];

const HOUR_MS = 3_600_000;

const VERSION = goStruct('struct { Version config.Version }', { version: goString });
const raw = (node: GoNode): GoNode => node;
const CONFIG = goStruct('config.BotConfig', {
  ...LIFETIME_FIELDS,
  onboarding: goStruct('onboarding.Config', {
    token: goString,
    join_method: goString,
    ca_path: goString,
    ca_pins: goList('string', goString),
    kubernetes: goStruct('onboarding.KubernetesOnboardingConfig', { token_path: goString }),
  }),
  storage: raw,
  services: raw,
  outputs: raw,
  debug: goBool,
  auth_server: goString,
  proxy_server: goString,
  join_uri: goString,
  oneshot: goBool,
  fips: goBool,
  diag_addr: goString,
  insecure: goBool,
});

/** @throws {Fault} with what ends the start of tbot, and in its words. */
export function readConfig(text: string): BotConfig {
  const { version, node } = readVersion(text);
  // The player does not migrate, as tbot does with a warning: nothing of ours is of version 1.
  if (version !== 'v2') throw new Fault(`unrecognized config version "${version}"`);
  const { config, rawServices, checkStorage } = parse(node);
  checkStorage();
  const seen = new Set<string>();
  const services = rawServices.map((service, index) => checkService(service, index, seen));
  const { onboarding, credential_ttl, renewal_interval } = config;
  const joinMethod = onboarding?.join_method ?? '';
  if (!JOIN_METHODS.includes(joinMethod)) throw new Fault(`unrecognized join method: "${joinMethod}"`);
  checkConnection(config);
  const lifetime = {
    credential_ttl: credential_ttl || HOUR_MS,
    renewal_interval: renewal_interval || HOUR_MS / 3,
  };
  const fault = checkLifetime(lifetime, { bounded: true });
  if (fault?.kind === 'wrong') throw new Fault(fault.message);
  return {
    services,
    joinMethod,
    token: onboarding?.token ?? '',
    tokenPath: onboarding?.kubernetes?.token_path,
    ttlMs: lifetime.credential_ttl,
    renewalMs: lifetime.renewal_interval,
    oneshot: config.oneshot ?? false,
    diagAddr: config.diag_addr,
    warnings: [...(fault === undefined ? [] : [fault.message]), ...identicalDestinations(services)],
  };
}

type RawConfig = NonNullable<ReturnType<typeof CONFIG>>;

function parse(node: GoNode): {
  config: RawConfig;
  rawServices: readonly RawService[];
  checkStorage: () => void;
} {
  try {
    const config = decode(node, CONFIG) ?? {};
    const storage = config.storage?.tag === '!!map' ? readDestination(config.storage) : undefined;
    return {
      config,
      rawServices: [config.services, config.outputs].flatMap(itemsOf).map(readService),
      checkStorage: storage?.check ?? (() => undefined),
    };
  } catch (error) {
    throw new Fault(`failed parsing config file: ${messageOf(error).replaceAll('\n', '')}`);
  }
}

function readVersion(text: string): { version: string; node: GoNode } {
  try {
    const node = readGoYaml(text);
    if (node === undefined) throw new Fault('EOF');
    return { version: decode(node, VERSION)?.version ?? '', node };
  } catch (error) {
    throw new Fault(`failed parsing config file version: ${messageOf(error).replaceAll('\n', '')}`);
  }
}

function itemsOf(list: GoNode | undefined): readonly GoNode[] {
  if (list === undefined || list.tag === '!!null') return [];
  if (list.tag === '!!seq') return list.items;
  throw new Fault(`line ${list.line}: cannot unmarshal ${list.tag} into config.ServiceConfigs`);
}

function checkConnection({ proxy_server, auth_server, join_uri, insecure, onboarding }: RawConfig): void {
  const { ca_pins = [], ca_path = '' } = onboarding ?? {};
  if (insecure === true && ca_pins.length > 0)
    throw new Fault('the option ca-pin is mutually exclusive with --insecure');
  if (insecure === true && ca_path !== '')
    throw new Fault('the option ca-path is mutually exclusive with --insecure');
  if (ca_pins.length > 0 && ca_path !== '')
    throw new Fault('the options ca-pin and ca-path are mutually exclusive');
  const addresses = [proxy_server, auth_server].filter((each) => each !== undefined && each !== '');
  if (addresses.length === 2) throw new Fault('proxy_server and auth_server are mutually exclusive');
  if (addresses.length === 0 && !join_uri)
    throw new Fault('an address of Teleport must be set: proxy_server');
}

/** tbot compares the names of Secrets alone, so that the same output in two namespaces is called identical. */
function identicalDestinations(services: readonly Service[]): string[] {
  const paths = services.flatMap(({ destination }) => {
    if (destination?.type === 'kubernetes_secret') return [`kubernetes-secret://${destination.name}`];
    return destination?.type === 'directory' ? [`file://${destination.path}`] : [];
  });
  const twice = new Set(paths.filter((path, index) => paths.indexOf(path) !== index));
  return [...twice].map((path) => `Identical destinations used within config path:${path}`);
}
