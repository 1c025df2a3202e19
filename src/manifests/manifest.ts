import type { Document } from 'yaml';
import { parseKubernetesYaml } from '../config/yaml.ts';
import { entries, field } from '../config/raw.ts';
import { podPath } from '../injection/workloads.ts';

/** One document of a file, with its own bytes, so that an untouched one can be printed as it was. */
export interface Manifest {
  readonly source: string;
  /** The file that it stands in, and where in it `source` begins: the nodes' offsets count from its start. */
  readonly text: string;
  readonly start: number;
  readonly document: Document.Parsed;
  readonly value: unknown;
  readonly pods: readonly ManifestPod[];
}

/** An object with a pod in it. */
export interface ManifestPod {
  /** The object itself; an item where the document is a List. */
  readonly object: unknown;
  /** From the object to its pod or pod template. */
  readonly podPath: readonly string[];
  readonly pod: unknown;
  /** JSON Pointer of the pod in its document. */
  readonly pointer: string;
}

export type ReadManifests =
  /** `rest`: what follows the last document, such as comments in a file that has none. */
  | { readonly kind: 'read'; readonly manifests: readonly Manifest[]; readonly rest: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Splits a file, YAML or JSON, into its documents and finds their pods. */
export function readManifests(text: string): ReadManifests {
  const manifests: Manifest[] = [];
  let start = 0;
  for (const document of parseKubernetesYaml(text, { exact: true })) {
    const [error] = document.errors;
    if (error !== undefined) return { kind: 'unreadable', reason: error.message.trimEnd() };
    const end = pastBlankRest(text, document.range[2]);
    const source = text.slice(start, end);
    const value = toValue(document);
    if (value instanceof Error) return { kind: 'unreadable', reason: value.message };
    manifests.push({ source, text, start, document, value, pods: findWorkloads(value) });
    start = end;
  }
  return { kind: 'read', manifests, rest: text.slice(start) };
}

/** A document's range may end before the line break that belongs to it. */
function pastBlankRest(text: string, offset: number): number {
  const rest = /[ \t]*(?:\r?\n|$)/y;
  rest.lastIndex = offset;
  return offset + (rest.exec(text)?.[0].length ?? 0);
}

/** Only numbers that would lose digits stay as they are. */
function toNumber(_key: unknown, value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Aliases are resolved here, and may be too many. */
function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 100, reviver: toNumber });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function findWorkloads(value: unknown): ManifestPod[] {
  const isList = field(value, 'apiVersion') === 'v1' && field(value, 'kind') === 'List';
  if (!isList) return toWorkload(value, '');
  return entries(field(value, 'items')).flatMap(([index, item]) => toWorkload(item, `/items/${index}`));
}

function toWorkload(object: unknown, pointer: string): ManifestPod[] {
  const path = podPath(field(object, 'apiVersion'), field(object, 'kind'));
  if (path === undefined) return [];
  return [{ object, podPath: path, pod: path.reduce(field, object), pointer: [pointer, ...path].join('/') }];
}
