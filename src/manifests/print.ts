import { Document, isScalar, visit } from 'yaml';

export interface YamlStyle {
  /** Lists stand one level under their key, not right under it as kubectl prints them. */
  readonly indentSeq: boolean;
}

/** Block YAML for kubectl, file modes in octal as people write them. */
export function printYaml(value: unknown, style: YamlStyle = { indentSeq: true }): string {
  const document = new Document(value, { version: '1.1' });
  showModes(document);
  quoteDoubtful(document);
  return escapeInvisible(document.toString({ lineWidth: 0, ...style }));
}

/** What no YAML reader takes for anything but a string, however it reads numbers, dates and booleans. */
const PLAIN = /^[A-Za-z/_][\x20-\x7e]*$/;

/** Go's readers know more forms of numbers than YAML 1.1 does (`0o17`), so what is not plainly a word is quoted. */
function quoteDoubtful(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && !PLAIN.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
}

/** Characters that Go's YAML refuses as they are; they stand in double quotes, where an escape means the same. */
function escapeInvisible(text: string): string {
  return text.replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Marks the file modes under `node` to be printed in octal. */
export function showModes(node: Parameters<typeof visit>[0]): void {
  visit(node, {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'defaultMode' && isScalar(value)) value.format = 'OCT';
    },
  });
}

/** A list that stands right under its key. */
const UNINDENTED_LIST = /^( *)[\w."'/-]+:[ \t]*(?:#.*)?\r?\n\1- /m;

export function styleOf(source: string): YamlStyle {
  return { indentSeq: !UNINDENTED_LIST.test(source) };
}
