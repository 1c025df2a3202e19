import { isMap, isSeq, visit, type Document } from 'yaml';
import type { AddOperation } from '../injection/patch.ts';
import { insertLines } from './insert.ts';
import type { Manifest } from './manifest.ts';
import { nodeAt, stepsOf } from './pointer.ts';
import { printYaml, showModes, styleOf } from './print.ts';

/**
 * The document after its patch, as YAML. Where lines can be added, what was there keeps every byte; where a list
 * is written as `[]`, the document is printed anew with its comments and key order; where nodes are shared by
 * aliases, or the document is JSON, its value is written out.
 */
export function editYaml(manifest: Manifest, patch: readonly AddOperation[]): string {
  if (patch.length === 0) return manifest.source;
  const { document, source } = manifest;
  const style = styleOf(source);
  if (hasAliases(document) || isJson(document))
    return marker(document) + printYaml(editValue(manifest, patch), style);
  const edited = insertLines(manifest, patch, style);
  return edited ?? applyAll(document.clone(), patch).toString({ lineWidth: 0, ...style });
}

/** The value after its patch. */
export function editValue({ document, value }: Manifest, patch: readonly AddOperation[]): unknown {
  const edited = document.clone() as Document;
  // Written out, so that no alias shares what is edited.
  edited.contents = edited.createNode(value, { aliasDuplicateObjects: false });
  return applyAll(edited, patch).toJS();
}

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

function isJson({ contents }: Document): boolean {
  return isMap(contents) && contents.flow === true;
}

function marker(document: Document): string {
  return document.directives?.docStart === true ? '---\n' : '';
}

function applyAll(document: Document, patch: readonly AddOperation[]): Document {
  for (const { path, value } of patch) {
    const steps = stepsOf(path);
    const last = steps.pop() ?? '';
    const parent = nodeAt(document.contents, steps);
    const node = document.createNode(value);
    showModes(node);
    // An empty list has to be written `[]`; a full one has not.
    if (isSeq(parent) && parent.items.length === 0) parent.flow = false;
    if (isSeq(parent)) parent.add(node);
    else if (isMap(parent)) parent.set(last, node);
    else throw new Error(`${path} leads through a value that is no map or list`);
  }
  return document;
}
