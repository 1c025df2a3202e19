import { BOT_LABEL, MANAGED_BY, MANAGER, OUTPUT_LABEL, ORPHANED_AT } from './labels.ts';

/** What the API server keeps of an object beside its content. */
export interface ObservedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly isDeleting: boolean;
  /** The bot that it belongs to by our labels; undefined: it is not ours. */
  readonly bot: string | undefined;
  /** Milliseconds since the epoch. */
  readonly orphanedAt: number | undefined;
}

/** A Secret of a name that the configuration declares, by its metadata alone. */
export interface ObservedSecret extends ObservedMetadata {
  readonly output: string | undefined;
  /**
   * Whether we made it, with the type that we give: a type cannot change, so owning that field alone (but for tbot, which
   * says it again) proves it without reading. Labels do not: an apply may have put ours on somebody else's.
   */
  readonly isMadeByUs: boolean;
  /** Somebody has said whether it is immutable; nobody of ours does. */
  readonly hasImmutableField: boolean;
  /** Who, beside tbot, owns keys of its data. */
  readonly foreignManagers: readonly string[];
  /** When tbot last wrote what changed, in milliseconds since the epoch; undefined: never. */
  readonly writtenAt: number | undefined;
}

/** tbot's field manager. */
const TBOT_MANAGER = 'tbot';

/** With what was written in any other way than its own, by apply, tbot has a conflict like everybody else. */
function isAppliedByTbot({ manager, operation }: ManagedFieldsEntry): boolean {
  return manager === TBOT_MANAGER && operation === 'Apply';
}

export function readSecretMetadata(object: unknown): ObservedSecret | undefined {
  const metadata = readMetadata(object);
  if (metadata === undefined) return undefined;
  const raw = (object as { metadata: RawObjectMetadata }).metadata;
  const fields = raw.managedFields ?? [];
  const typeOwners = fields.flatMap(({ manager, fieldsV1 }) =>
    fieldsV1?.['f:type'] === undefined ? [] : [manager],
  );
  const ofData = fields.filter(({ fieldsV1 }) => fieldsV1?.['f:data'] !== undefined);
  const written = ofData.filter(isAppliedByTbot).flatMap(({ time }) => Date.parse(time ?? '') || []);
  return {
    ...metadata,
    output: raw.labels?.[OUTPUT_LABEL],
    isMadeByUs:
      typeOwners.includes(MANAGER) &&
      typeOwners.every((owner) => owner === MANAGER || owner === TBOT_MANAGER),
    hasImmutableField: fields.some(({ fieldsV1 }) => fieldsV1?.['f:immutable'] !== undefined),
    foreignManagers: ofData.flatMap((each) => (isAppliedByTbot(each) ? [] : [each.manager ?? ''])),
    writtenAt: written.length === 0 ? undefined : Math.max(...written),
  };
}

/** A RoleBinding of a bot's name. */
export interface ObservedBinding extends ObservedMetadata {
  /** What it binds to whom, in a form that can be compared. */
  readonly content: string;
}

export function readBinding(object: unknown): ObservedBinding | undefined {
  const metadata = readMetadata(object);
  if (metadata === undefined) return undefined;
  const { roleRef, subjects } = object as { roleRef?: RoleRef; subjects?: readonly Subject[] | null };
  return { ...metadata, content: printBinding(roleRef, subjects ?? []) };
}

interface RoleRef {
  readonly kind?: string;
  readonly name?: string;
}

interface Subject {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export function printBinding(roleRef: RoleRef | undefined, subjects: readonly Subject[]): string {
  const whom = subjects.map(({ kind, namespace, name }) => `${kind ?? ''} ${namespace ?? ''}/${name ?? ''}`);
  return `${roleRef?.kind ?? ''} ${roleRef?.name ?? ''} to ${whom.join(', ')}`;
}

interface RawObjectMetadata {
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly uid?: unknown;
  readonly resourceVersion?: unknown;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly managedFields?: readonly ManagedFieldsEntry[] | null;
}

interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

function readMetadata(object: unknown): ObservedMetadata | undefined {
  const metadata = (object as { metadata?: RawObjectMetadata | null } | null)?.metadata;
  if (metadata === undefined || metadata === null) return undefined;
  const { name, namespace, uid, resourceVersion, labels, annotations } = metadata;
  if (typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  if (typeof uid !== 'string' || typeof resourceVersion !== 'string') return undefined;
  const orphanedAt = Date.parse(annotations?.[ORPHANED_AT] ?? '');
  return {
    name,
    namespace,
    uid,
    resourceVersion,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    isDeleting: metadata.deletionTimestamp !== undefined,
    bot: labels?.[MANAGED_BY] === MANAGER ? labels[BOT_LABEL] : undefined,
    orphanedAt: Number.isNaN(orphanedAt) ? undefined : orphanedAt,
  };
}
