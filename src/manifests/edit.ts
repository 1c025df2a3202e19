import { isMap, isSeq, visit, type Document } from 'yaml';
import type { AddOperation } from '../injection/patch.ts';
import type { Manifest } from './manifest.ts';

/**
 * The document after its patch, as YAML. Comments, key order, quoting and the indentation of lists stay; where
 * the document shares nodes by anchors, which an edit of one place would change in all, it is written out.
 */
export function editYaml(manifest: Manifest, patch: readonly AddOperation[]): string {
  if (patch.length === 0) return manifest.source;
  const { document } = manifest;
  const edited = document.clone() as Document.Parsed;
  if (hasAliases(document)) edited.contents = edited.createNode(manifest.value) as typeof edited.contents;
  for (const operation of patch) apply(edited, operation);
  return edited.toString({ lineWidth: 0, indentSeq: !UNINDENTED_LIST.test(manifest.source) });
}

/** The value after its patch. */
export function editValue(manifest: Manifest, patch: readonly AddOperation[]): unknown {
  const edited = manifest.document.clone() as Document.Parsed;
  if (patch.length > 0) edited.contents = edited.createNode(manifest.value) as typeof edited.contents;
  for (const operation of patch) apply(edited, operation);
  return edited.toJS();
}

/** A list that stands right under its key, as kubectl prints it. */
const UNINDENTED_LIST = /^( *)[\w."'/-]+:[ \t]*\r?\n\1- /m;

function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function apply(document: Document, { path, value }: AddOperation): void {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  const parent = steps.reduce<unknown>((node, step) => {
    if (isMap(node)) return node.get(step, true);
    return isSeq(node) ? node.get(Number(step), true) : undefined;
  }, document.contents);
  const node = document.createNode(value);
  if (isSeq(parent)) parent.add(node);
  else if (isMap(parent)) parent.set(last, node);
  else throw new Error(`${path} leads through a value that is no map or list`);
}
