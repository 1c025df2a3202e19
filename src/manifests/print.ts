import { structuredPatch } from 'diff';
import { styleText } from 'node:util';
import { Document, isScalar, visit } from 'yaml';

export interface YamlStyle {
  /** Lists are indented below their key; kubectl prints them without indentation. */
  readonly indentSeq: boolean;
}

/** Prints block YAML for kubectl, with file modes in octal. */
export function printYaml(value: unknown, style: YamlStyle = { indentSeq: true }): string {
  const document = new Document(value, { version: '1.1' });
  printModesInOctal(document);
  quoteAmbiguous(document);
  return escapeInvisible(document.toString({ lineWidth: 0, ...style }));
}

/** Texts that every YAML parser reads as strings, whatever its numbers, dates and booleans are. */
const UNAMBIGUOUS = /^[A-Za-z/_][\x20-\x7e]*$/;

/** Go's parsers know more numbers than YAML 1.1 (`0o17`), so any text that is not clearly a word is quoted. */
function quoteAmbiguous(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && !UNAMBIGUOUS.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
}

/** Escapes characters that Go's YAML parser refuses. They are inside double quotes, where an escape has their meaning. */
function escapeInvisible(text: string): string {
  return text.replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Marks the file modes in `node` for printing in octal. */
export function printModesInOctal(node: Parameters<typeof visit>[0]): void {
  visit(node, {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'defaultMode' && isScalar(value)) value.format = 'OCT';
    },
  });
}

/** A list without indentation below its key. */
const UNINDENTED_LIST = /^( *)[\w."'/-]+:[ \t]*(?:#.*)?\r?\n\1- /m;

/** The style of lists in a YAML text. */
export function styleOf(source: string): YamlStyle {
  return { indentSeq: !UNINDENTED_LIST.test(source) };
}

/** A unified diff of two texts, with colours for terminals if `colours` is set. */
export function printDiff(name: string, before: string, after: string, colours: boolean): string {
  const { hunks } = structuredPatch(name, name, before, after, '', '', { context: 3 });
  if (hunks.length === 0) return '';
  const paint = (colour: 'green' | 'red' | 'cyan', line: string): string => {
    return colours ? styleText(colour, line, { validateStream: false }) : line;
  };
  const lines = hunks.flatMap((hunk) => [
    paint('cyan', `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
    ...hunk.lines.map((line) =>
      line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line,
    ),
  ]);
  return [`--- ${name}`, `+++ ${name} (injected)`, ...lines, ''].join('\n');
}
