import { isCollection, isMap, isNode, isSeq, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import type { AddOperation } from '../injection/patch.ts';
import { nodeAt, stepsOf, type Manifest } from './manifest.ts';
import { printYaml, type YamlStyle } from './print.ts';

/** Whole lines that are inserted at an offset of the text. */
interface Insertion {
  readonly offset: number;
  readonly depth: number;
  readonly lines: string;
}

/**
 * Inserts the operations' values as new lines, so that all existing bytes stay the same, comments and spaces included.
 * Undefined where lines cannot be inserted: in `[]`, `{}` or null.
 */
export function insertLines(
  { text, start: from, source, document }: Manifest,
  patch: readonly AddOperation[],
  style: YamlStyle,
): string | undefined {
  const insertions: Insertion[] = [];
  for (const operation of patch) {
    const insertion = insertionFor(text, document, operation, style);
    if (insertion === undefined) return undefined;
    insertions.push(insertion);
  }
  // At one offset, the lines of the innermost collection come first.
  insertions.sort((a, b) => a.offset - b.offset || b.depth - a.depth);
  let result = '';
  let start = from;
  for (const { offset, lines } of insertions) {
    result += text.slice(start, offset);
    if (result !== '' && !result.endsWith('\n')) result += '\n';
    result += source.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
    start = offset;
  }
  return result + text.slice(start, from + source.length);
}

function insertionFor(
  text: string,
  document: Document.Parsed,
  { path, value }: AddOperation,
  style: YamlStyle,
): Insertion | undefined {
  const steps = stepsOf(path);
  const last = steps.at(-1) ?? '';
  const parent = nodeAt(document.contents, steps.slice(0, -1));
  if (!isBlock(parent) || (isMap(parent) && parent.has(last))) return undefined;
  const column = isSeq(parent) ? dashColumn(text, parent) : keyColumn(text, parent);
  if (column === undefined) return undefined;
  const lines = printYaml(isSeq(parent) ? [value] : { [last]: value }, style);
  return { offset: endOfLine(text, endOfNode(parent)), depth: steps.length, lines: indent(lines, column) };
}

type Block = YAMLMap | YAMLSeq;

function isBlock(node: unknown): node is Block {
  return isCollection(node) && node.flow !== true && node.items.length > 0;
}

/** Column of the keys of a block map. */
function keyColumn(text: string, map: YAMLMap): number | undefined {
  const key = map.items[0]?.key;
  return isNode(key) && key.range != null ? columnOf(text, key.range[0], /^[ -]*$/) : undefined;
}

/** Column of the dashes of a block list. */
function dashColumn(text: string, seq: YAMLSeq): number | undefined {
  const item = seq.items[0];
  if (!isNode(item) || item.range == null) return undefined;
  const dash = text.lastIndexOf('-', item.range[0] - 1);
  return columnOf(text, dash, /^[ -]*$/);
}

/** The column of an offset; undefined: the text before it in its line cannot become spaces in a new line. */
function columnOf(text: string, offset: number, before: RegExp): number | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return before.test(text.slice(lineStart, offset)) ? offset - lineStart : undefined;
}

/** End of the collection's last value. The range of the collection itself may include the comments after it. */
function endOfNode(node: unknown): number {
  if (isBlock(node)) {
    const last = node.items.at(-1);
    if (isSeq(node)) return endOfNode(last);
    const pair = last as YAMLMap['items'][number];
    return Math.max(endOfNode(pair.key), endOfNode(pair.value));
  }
  return isNode(node) && node.range != null ? node.range[1] : 0;
}

function endOfLine(text: string, offset: number): number {
  // A block scalar ends after its last line.
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

function indent(lines: string, column: number): string {
  return lines.replaceAll(/^(?=.)/gm, ' '.repeat(column));
}
