import { Document, isScalar, visit } from 'yaml';

export interface YamlStyle {
  /** Lists stand one level under their key, not right under it as kubectl prints them. */
  readonly indentSeq: boolean;
}

/** Block YAML for kubectl, file modes in octal as people write them. */
export function printYaml(value: unknown, style: YamlStyle = { indentSeq: true }): string {
  const document = new Document(value, { version: '1.1' });
  showModes(document);
  return document.toString({ lineWidth: 0, ...style });
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
