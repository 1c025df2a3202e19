import { isMap, isSeq, type Node } from 'yaml';

/** The steps of a JSON Pointer (RFC 6901). */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The node that the steps lead to; undefined where a step leads nowhere or through an alias. */
export function nodeAt(root: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((node, step) => {
    if (isMap<string, Node>(node)) return node.get(step, true);
    return isSeq<Node>(node) ? node.get(Number(step), true) : undefined;
  }, root);
}
