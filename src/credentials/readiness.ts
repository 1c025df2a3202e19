import { serviceName, type TbotService } from '../teleport/tbot-config.ts';

/** What tbot reports of one of its services. */
export type ServiceStatus =
  | { readonly kind: 'healthy' }
  /** Its last attempts all failed; the text may be empty. */
  | { readonly kind: 'unhealthy'; readonly reason: string };

/** The answer of one tbot. */
export interface TbotReadiness {
  /** By the API server's clock, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** By service name. A service that has not run yet is missing. */
  readonly statuses: ReadonlyMap<string, ServiceStatus>;
}

/** Enough for 2,000 failing services with 2,000 bytes each. */
export const MAX_READYZ_BYTES = 4 * 2 ** 20;

/**
 * JSON.parse takes a second and 150 MiB for that many bytes of brackets, so brackets and quotation marks are counted
 * first. A service has about 16 of them.
 */
const MARKS = /(?<!\\)["[{]/g;
const MAX_MARKS = 200_000;

/** Reads the answer to `GET /readyz` by service name; undefined: it is no such answer. */
export function readServiceStatuses(text: string): ReadonlyMap<string, ServiceStatus> | undefined {
  const services = hasTooManyMarks(text) ? undefined : parseServices(text);
  if (typeof services !== 'object' || services === null || Array.isArray(services)) return undefined;
  const statuses = new Map<string, ServiceStatus>();
  for (const [name, service] of Object.entries(services)) {
    const { status, reason } = (service ?? {}) as { status?: unknown; reason?: unknown };
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

const MAX_REASON_CHARACTERS = 300;

/** Makes a reason safe to quote: one line, without quotation marks, and without a whole token or key. */
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

/** tbot reports after it has written, so a report just after a write may be older than that write. */
const SETTLING_MS = 10_000;

/**
 * What tbot reports of one credential; undefined: nothing. A failure from before the last write is over.
 * @param writtenAt milliseconds since the epoch
 */
export function serviceStatusOf(
  service: Pick<TbotService, 'namespace' | 'output'>,
  readiness: TbotReadiness | undefined,
  writtenAt: number | undefined,
): ServiceStatus | undefined {
  const status = readiness?.statuses.get(serviceName(service));
  if (readiness === undefined || status?.kind !== 'unhealthy') return status;
  return readiness.askedAt > (writtenAt ?? -Infinity) + SETTLING_MS ? status : undefined;
}

/** tbot's service for its own identity. While it fails, tbot renews no output, and no output has the reason. */
const IDENTITY_SERVICE = 'identity';

/** Why tbot has no identity of its own; undefined: it has one, or reports nothing. */
export function identityFailure(readiness: TbotReadiness | undefined): string | undefined {
  const status = readiness?.statuses.get(IDENTITY_SERVICE);
  return status?.kind === 'unhealthy' ? status.reason : undefined;
}
