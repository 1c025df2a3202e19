import { structuredPatch } from 'diff';
import { styleText } from 'node:util';

/** A unified diff of two texts; in colours for terminals that want them. */
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
