import { PREFIX } from '../config/opt-in.ts';
import { ANNOTATIONS, WORKLOAD_ANNOTATIONS, type AnnotationText } from '../annotations/table.ts';
import { closest } from '../problems/closest.ts';
import { oneOf } from '../problems/problem.ts';
import { EXIT, UsageError, type Command } from './command.ts';

const ALL: readonly AnnotationText[] = [...ANNOTATIONS, ...WORKLOAD_ANNOTATIONS];

/** `explain [annotation]`: the table of annotations, or one of them in full. */
export const explain: Command = {
  name: 'explain',
  summary: 'Explains the annotations that a pod or a workload can carry.',
  positionals: '[annotation]',
  maxPositionals: 1,
  positionalChoices: () => ALL.map(({ key }) => key),
  options: [],
  run(args, io) {
    const [name] = args.positionals;
    io.stdout(name === undefined ? overview() : details(find(name)));
    return EXIT.fine;
  },
};

function find(name: string): AnnotationText {
  const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  const keys = ALL.map((each) => each.key);
  const annotation = ALL.find((each) => each.key === key);
  if (annotation !== undefined) return annotation;
  const near = closest(key, keys);
  throw new UsageError(
    `explain: found "${name}"; expected ${oneOf(keys)}${near === undefined ? '' : `. Fix: write ${near}`}`,
  );
}

function overview(): string {
  const width = Math.max(...ALL.map(({ key }) => PREFIX.length + key.length));
  const rows = ALL.map(({ key, value }) => `${(PREFIX + key).padEnd(width)}  ${value}`);
  return `${rows.join('\n')}\n\ntbot-injector explain ANNOTATION tells more.\n`;
}

function details(annotation: AnnotationText): string {
  const rows = [
    ['value', annotation.value],
    ['if absent', annotation.absent],
    ['example', `${PREFIX}${annotation.key}: "${annotation.example}"`],
    ['since', annotation.since],
  ] as const;
  return [
    PREFIX + annotation.key,
    '',
    `  ${annotation.doc}`,
    '',
    ...rows.map(([name, text]) => `  ${name.padEnd(10)} ${text}`),
    '',
  ].join('\n');
}
