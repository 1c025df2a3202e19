import { BOT_LABEL, MANAGED_BY, MANAGER, OUTPUT_LABEL, ORPHANED_AT } from './labels.ts';

/** The metadata that the controller reads of an object of its own. */
export interface ObservedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly isDeleting: boolean;
  /** The bot in our labels; undefined: the object is not ours. */
  readonly bot: string | undefined;
  /** Milliseconds since the epoch. */
  readonly orphanedAt: number | undefined;
}

/** A Secret with a name that the configuration declares, by its metadata alone. */
export interface ObservedSecret extends ObservedMetadata {
  readonly output: string | undefined;
  /**
   * Whether the controller created it, with its own type. A type is immutable, so the only owner of that field is the
   * creator (tbot applies it again, so it may be an owner too). Labels prove nothing: an apply may have put ours on an
   * object of another writer.
   */
  readonly isMadeByUs: boolean;
  /** A writer has set `immutable`. Neither the controller nor tbot does. */
  readonly hasImmutableField: boolean;
  /** Field managers other than tbot that own keys of its data. */
  readonly foreignManagers: readonly string[];
  /** When tbot last wrote changed data, in milliseconds since the epoch; undefined: never. */
  readonly writtenAt: number | undefined;
}

/** tbot's field manager. */
const TBOT_MANAGER = 'tbot';

/** tbot writes by server-side apply. Data written in another way conflict with it, even under its own name. */
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

/** A RoleBinding with the name that a bot's RoleBinding has. */
export interface ObservedBinding extends ObservedMetadata {
  /** Its roleRef and subjects as one text, for comparison. */
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

/** The `content` of a RoleBinding: `ClusterRole reader to ServiceAccount team/app`. */
export function printBinding(roleRef: RoleRef | undefined, subjects: readonly Subject[]): string {
  const printed = subjects.map(
    ({ kind, namespace, name }) => `${kind ?? ''} ${namespace ?? ''}/${name ?? ''}`,
  );
  return `${roleRef?.kind ?? ''} ${roleRef?.name ?? ''} to ${printed.join(', ')}`;
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

/** The objects of declared names that are in one namespace. */
export interface ObservedObjects {
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
  /** By bot. */
  readonly bindings: ReadonlyMap<string, ObservedBinding>;
}
