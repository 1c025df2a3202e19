import { serviceName, type TbotService } from '../teleport/tbot-config.ts';

/** What tbot says of one of its services. */
export type ServiceStatus =
  | { readonly kind: 'healthy' }
  /** Its last attempts all failed; the text may be empty. */
  | { readonly kind: 'unhealthy'; readonly reason: string };

/** What one tbot has answered. */
export interface TbotReadiness {
  /** By the API server's clock, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** By the name of the service. Who has not run yet is not among them. */
  readonly statuses: ReadonlyMap<string, ServiceStatus>;
}

/** Bytes: 2,000 services that all fail have 2,000 each. */
export const MAX_READYZ_BYTES = 4 * 2 ** 20;

/** JSON.parse takes a second and 150 MiB for so many bytes of brackets. A service has about 16 of these marks. */
const MARKS = /(?<!\\)["[{]/g;
const MAX_MARKS = 200_000;

/** The answer to `GET /readyz`; undefined where it is something else. */
export function readServiceStatuses(text: string): ReadonlyMap<string, ServiceStatus> | undefined {
  const services = hasTooManyMarks(text) ? undefined : parseServices(text);
  if (typeof services !== 'object' || services === null || Array.isArray(services)) return undefined;
  const statuses = new Map<string, ServiceStatus>();
  for (const [name, said] of Object.entries(services)) {
    const { status, reason } = (said ?? {}) as { status?: unknown; reason?: unknown };
    if (status === 'healthy') statuses.set(name, { kind: 'healthy' });
    if (status === 'unhealthy') statuses.set(name, { kind: 'unhealthy', reason: sanitizeReason(reason) });
  }
  return statuses;
}

function parseServices(text: string): unknown {
  try {
    return (JSON.parse(text) as { services?: unknown } | null)?.services;
  } catch {
    return undefined;
  }
}

function hasTooManyMarks(text: string): boolean {
  let marks = 0;
  while (marks <= MAX_MARKS && MARKS.test(text)) marks++;
  MARKS.lastIndex = 0;
  return marks > MAX_MARKS;
}

/** Characters. */
const MAX_REASON_CHARACTERS = 300;

/** What is quoted, whatever it is: one line that cannot end the quotation. No token or key stays whole in it. */
function sanitizeReason(reason: unknown): string {
  if (typeof reason !== 'string') return '';
  const line = reason
    .slice(0, 4 * MAX_REASON_CHARACTERS)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll('"', "'")
    .replaceAll(/[\w-]{100,}/g, '…')
    .replace(/[ .]+$/, '')
    .trimStart();
  const characters = Array.from(line);
  return characters.length <= MAX_REASON_CHARACTERS
    ? line
    : `${characters.slice(0, MAX_REASON_CHARACTERS).join('')}…`;
}

/** tbot writes first and reports then. */
const SETTLING_MS = 10_000;

/** What tbot says of one credential. Trouble from before it was written last is over. */
export function serviceStatusOf(
  service: Pick<TbotService, 'namespace' | 'output'>,
  readiness: TbotReadiness | undefined,
  writtenAt: number | undefined,
): ServiceStatus | undefined {
  const status = readiness?.statuses.get(serviceName(service));
  if (readiness === undefined || status?.kind !== 'unhealthy') return status;
  return readiness.askedAt > (writtenAt ?? -Infinity) + SETTLING_MS ? status : undefined;
}

/** tbot's own service of that name: while it fails, no output can be renewed, and none says why. */
const IDENTITY_SERVICE = 'identity';

/** Why tbot has no identity of its own; undefined: it has one, or does not say. */
export function identityFailure(readiness: TbotReadiness | undefined): string | undefined {
  const status = readiness?.statuses.get(IDENTITY_SERVICE);
  return status?.kind === 'unhealthy' ? status.reason : undefined;
}
