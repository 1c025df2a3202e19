import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { Fault } from '../fault.ts';

/**
 * A node as Go's yaml.v3 has it. The text of a scalar stays beside its type, for Go puts any scalar into a string as it
 * is written: `ssh_config: false` is the text "false".
 */
export interface GoNode {
  readonly tag: '!!map' | '!!seq' | '!!str' | '!!int' | '!!float' | '!!bool' | '!!null';
  readonly line: number;
  readonly text: string;
  readonly fields: ReadonlyMap<string, GoNode>;
  readonly items: readonly GoNode[];
}

/** @returns undefined where the text has no document. */
export function readGoYaml(text: string): GoNode | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 0;
    throw new Fault(`yaml: line ${line}: ${error.message.split(' at line ')[0]}`);
  }
  return document.contents === null ? undefined : convert(document.contents, document, lines);
}

function convert(node: Node, document: Document, lines: LineCounter): GoNode {
  const line = lines.linePos(node.range?.[0] ?? 0).line;
  const leaf = { line, text: '', fields: new Map<string, GoNode>(), items: [] };
  if (isAlias(node)) {
    const anchored = node.resolve(document);
    if (anchored === undefined) throw new Fault(`yaml: unknown anchor '${node.source}' referenced`);
    return convert(anchored, document, lines);
  }
  if (isMap(node)) {
    const fields = node.items.map(({ key, value }): [string, GoNode] => [
      isScalar(key) ? (key.source ?? String(key.value)) : String(key),
      value === null ? { ...leaf, tag: '!!null' } : convert(value as Node, document, lines),
    ]);
    return { ...leaf, tag: '!!map', fields: new Map(fields) };
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item as Node, document, lines));
    return { ...leaf, tag: '!!seq', items };
  }
  if (!isScalar(node)) throw new Fault(`yaml: line ${line}: an unexpected node`);
  return { ...leaf, tag: tagOf(node.value), text: node.source ?? String(node.value) };
}

function tagOf(value: unknown): GoNode['tag'] {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'number') return Number.isInteger(value) ? '!!int' : '!!float';
  return '!!str';
}
