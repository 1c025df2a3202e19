import { isMap, isSeq, visit, type Document } from 'yaml';
import type { AddOperation } from '../injection/patch.ts';
import { insertLines } from './insert.ts';
import { nodeAt, stepsOf, type Manifest } from './manifest.ts';
import { printYaml, printModesInOctal, styleOf } from './print.ts';

/**
 * Prints the patched document as YAML. Where new lines can be added, all existing bytes stay the same. Where a list is
 * `[]`, the whole document is printed again, with its comments and key order. Where it has aliases or is JSON, its plain
 * value is printed.
 */
export function editYaml(manifest: Manifest, patch: readonly AddOperation[]): string {
  if (patch.length === 0) return manifest.source;
  const { document, source } = manifest;
  const style = styleOf(source);
  if (hasAliases(document) || isJson(document))
    return documentMarker(document) + printYaml(editValue(manifest, patch), style);
  const edited = insertLines(manifest, patch, style);
  return edited ?? applyPatch(document.clone(), patch).toString({ lineWidth: 0, ...style });
}

/** The patched value. */
export function editValue({ document, value }: Manifest, patch: readonly AddOperation[]): unknown {
  const edited = document.clone() as Document;
  // Without aliases, so that an edit changes one place only.
  edited.contents = edited.createNode(value, { aliasDuplicateObjects: false });
  return applyPatch(edited, patch).toJS();
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

function documentMarker(document: Document): string {
  return document.directives?.docStart === true ? '---\n' : '';
}

function applyPatch(document: Document, patch: readonly AddOperation[]): Document {
  for (const { path, value } of patch) {
    const steps = stepsOf(path);
    const last = steps.pop() ?? '';
    const parent = nodeAt(document.contents, steps);
    const node = document.createNode(value);
    printModesInOctal(node);
    // Only an empty list has to be `[]`.
    if (isSeq(parent) && parent.items.length === 0) parent.flow = false;
    if (isSeq(parent)) parent.add(node);
    else if (isMap(parent)) parent.set(last, node);
    else throw new Error(`${path} leads through a value that is no map or list`);
  }
  return document;
}
