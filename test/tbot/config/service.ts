import { Fault, within } from '../fault.ts';
import type { Fields } from './checks.ts';
import { readDestination, type DestinationConfig } from './destination.ts';
import { decode, goList, goString, goStruct, type Decode } from './go-types.ts';
import type { GoNode } from './go-yaml.ts';
import { checkLifetime, LIFETIME_FIELDS, type Lifetime } from './lifetime.ts';
import { serviceType, type ServiceType } from './service-types.ts';

/** A service of tbot.yaml, checked. */
export interface Service {
  readonly name: string;
  readonly type: string;
  /** Absent for listeners. */
  readonly destination?: DestinationConfig | undefined;
  /** Of a destination with folders of its own, which a Secret cannot have. */
  readonly hasSubdirectory: boolean;
  /** What it writes, in this order. */
  readonly keys: readonly string[];
  /** Milliseconds; undefined: as the bot. */
  readonly renewalMs?: number | undefined;
  readonly ttlMs?: number | undefined;
}

/** Read, and not checked yet: tbot reads all of them before it checks the first. */
export interface RawService {
  readonly type: string;
  readonly of: ServiceType;
  readonly fields: Fields;
  readonly destination?: ReturnType<typeof readDestination> | undefined;
}

const HEADER = goStruct('struct { Type string }', { type: goString });
const COMMON = { name: goString, roles: goList('string', goString) };

/** @throws {Fault} where a field is of another kind than its type, or the type is none. */
export function readService(node: GoNode): RawService {
  const type = decode(node, HEADER)?.type ?? '';
  const of = serviceType(type);
  if (of === undefined) throw new Fault(`unrecognized service type (${type})`);
  const destinationNode = of.destination === 'none' ? undefined : node.fields.get('destination');
  const destination = destinationNode && readDestination(destinationNode);
  const lifetime = of.lifetime === 'none' ? {} : LIFETIME_FIELDS;
  const known: Readonly<Record<string, Decode<unknown>>> = { ...COMMON, ...lifetime, ...of.fields };
  return { type, of, fields: decode(node, goStruct(type, known)) ?? {}, destination };
}

const RESERVED = ['ca-rotation', 'crl-cache', 'heartbeat', 'identity', 'spiffe-trust-bundle-cache'];

/**
 * @param seen names of the services before it
 * @throws {Fault} with the first thing that tbot refuses
 */
export function checkService(raw: RawService, index: number, seen: Set<string>): Service {
  const { type, of, fields, destination } = raw;
  try {
    checkDestination(raw);
    const refusal = of.checks
      .values()
      .map((check) => check(fields))
      .find((each) => each !== undefined);
    if (refusal !== undefined) throw new Fault(refusal);
    const lifetime: Lifetime = of.lifetime === 'none' ? {} : fields;
    const fault = checkLifetime(lifetime, { bounded: of.lifetime === 'up to a day' });
    if (fault !== undefined) throw new Fault(fault.message);
    checkName((fields['name'] as string | undefined) ?? '', seen);
  } catch (error) {
    throw within(`validating service[${index}]`, error);
  }
  return {
    name: (fields['name'] as string | undefined) || `${type.replaceAll('/', '-')}-${index + 1}`,
    type,
    destination: destination?.config,
    hasSubdirectory: fields['format'] === 'cockroach',
    keys: of.keys(fields),
    ...renewal(raw),
  };
}

function renewal({ type, of, fields }: RawService): Pick<Service, 'renewalMs' | 'ttlMs'> {
  if (type === 'workload-identity-aws-roles-anywhere') {
    const { session_renewal_interval: own, session_duration: duration } = fields as Record<string, number>;
    return { renewalMs: own || 3_600_000, ttlMs: duration || 21_600_000 };
  }
  if (of.lifetime === 'none') return {};
  const { credential_ttl: ttlMs, renewal_interval: renewalMs } = fields as Lifetime;
  return { ttlMs: ttlMs || undefined, renewalMs: renewalMs || undefined };
}

function checkDestination({ of, destination }: RawService): void {
  if (of.destination === 'none') return;
  if (destination === undefined) throw new Fault('no destination configured for output');
  try {
    destination.check();
  } catch (error) {
    throw within('validating destination', error);
  }
  if (of.destination === 'directory' && destination.config.type !== 'directory')
    throw new Fault(`destination: must be of type directory, not ${destination.config.type}`);
}

function checkName(name: string, seen: Set<string>): void {
  if (name === '') return;
  if (RESERVED.includes(name)) throw new Fault(`service name "${name}" is reserved for internal use`);
  if (!/^[a-z\d_\-+]+$/.test(name)) {
    const allowed = 'lowercase letters, numbers, hyphens, underscores, or plus symbols';
    throw new Fault(`invalid service name: "${name}", may only contain ${allowed}`);
  }
  if (seen.has(name)) throw new Fault(`duplicate name: "${name}"`);
  seen.add(name);
}
