import { isMap, isSeq, type Document, type Node } from 'yaml';
import { parseKubernetesYaml } from '../config/yaml.ts';
import { entries, field } from '../config/raw.ts';
import { podPath } from '../injection/workloads.ts';

/** One document of a file, with its own bytes, so that an unchanged one can be printed as it was. */
export interface Manifest {
  readonly source: string;
  /** The whole file, and the offset of `source` in it. Offsets of nodes count from the start of the file. */
  readonly text: string;
  readonly start: number;
  readonly document: Document.Parsed;
  readonly value: unknown;
  readonly pods: readonly ManifestPod[];
}

/** An object with a pod or a pod template. */
export interface ManifestPod {
  /** The document's object, or an item of a List. */
  readonly object: unknown;
  /** Path from the object to its pod or pod template. */
  readonly podPath: readonly string[];
  readonly pod: unknown;
  /** JSON Pointer of the pod in its document. */
  readonly pointer: string;
}

export type ReadManifests =
  /** `rest`: the text after the last document, such as comments in a file without documents. */
  | { readonly kind: 'read'; readonly manifests: readonly Manifest[]; readonly rest: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Splits a YAML or JSON file into its documents and finds their pods. */
export function readManifests(text: string): ReadManifests {
  const manifests: Manifest[] = [];
  let start = 0;
  for (const document of parseKubernetesYaml(text, { exact: true })) {
    const [error] = document.errors;
    if (error !== undefined) return { kind: 'unreadable', reason: error.message.trimEnd() };
    const end = endOfLineAfter(text, document.range[2]);
    const source = text.slice(start, end);
    const value = toValue(document);
    if (value instanceof Error) return { kind: 'unreadable', reason: value.message };
    manifests.push({ source, text, start, document, value, pods: findPods(value) });
    start = end;
  }
  return { kind: 'read', manifests, rest: text.slice(start) };
}

/** A document's range may end before the line break that belongs to it. */
function endOfLineAfter(text: string, offset: number): number {
  const rest = /[ \t]*(?:\r?\n|$)/y;
  rest.lastIndex = offset;
  return offset + (rest.exec(text)?.[0].length ?? 0);
}

/** Integers that would lose digits stay bigint. */
function toSafeNumber(_key: unknown, value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** This resolves aliases, and fails where there are too many. */
function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 100, reviver: toSafeNumber });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function findPods(value: unknown): ManifestPod[] {
  const isList = field(value, 'apiVersion') === 'v1' && field(value, 'kind') === 'List';
  if (!isList) return toManifestPod(value, '');
  return entries(field(value, 'items')).flatMap(([index, item]) => toManifestPod(item, `/items/${index}`));
}

function toManifestPod(object: unknown, pointer: string): ManifestPod[] {
  const path = podPath(field(object, 'apiVersion'), field(object, 'kind'));
  if (path === undefined) return [];
  return [{ object, podPath: path, pod: path.reduce(field, object), pointer: [pointer, ...path].join('/') }];
}

/** The steps of a JSON Pointer (RFC 6901). */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The node at the steps; undefined: there is none, or a step leads through an alias. */
export function nodeAt(root: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((node, step) => {
    if (isMap<string, Node>(node)) return node.get(step, true);
    return isSeq<Node>(node) ? node.get(Number(step), true) : undefined;
  }, root);
}
