import { editValue, editYaml } from '../manifests/edit.ts';
import { printDiff } from '../manifests/print.ts';
import { EXIT, UsageError, type Command } from './command.ts';
import { CONFIG_OPTION, readConfigFile, readText, LABELS_OPTION, readLabels } from './options.ts';
import { createOfflineDecider, injectFile, type InjectedFile, type InjectedManifest } from './inject-file.ts';

const FORMATS = ['yaml', 'json', 'patch', 'diff'] as const;
export type Format = (typeof FORMATS)[number];

/** `inject`: does offline what the webhook would do, by the same decision. */
export const inject: Command = {
  name: 'inject',
  summary: 'Injects manifests offline, just as the webhook would.',
  maxPositionals: 0,
  options: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      multiple: true,
      doc: 'manifest, YAML or JSON; - for stdin',
    },
    {
      name: 'output',
      short: 'o',
      value: 'FORMAT',
      choices: FORMATS,
      doc: `one of ${FORMATS.join(', ')}; by default that of the input`,
    },
    CONFIG_OPTION,
    {
      name: 'namespace',
      short: 'n',
      value: 'NAME',
      default: 'default',
      doc: 'namespace of objects without one',
    },
    LABELS_OPTION,
  ],
  async run(args, io) {
    const names = args.texts('filename');
    if (names.length === 0) throw new UsageError('inject: found no -f; expected -f FILE, or -f - for stdin');
    const { config } = await readConfigFile(args, io);
    const decide = createOfflineDecider(config, args.text('namespace') ?? '', readLabels(args));
    let refused = false;
    const printed: { format: Format; text: string }[] = [];
    for (const name of names) {
      const text = name === '-' ? await io.stdin() : await readText(name, '-f');
      const file = injectFile(name, text, decide);
      for (const message of file.messages) io.stderr(`${message}\n`);
      refused ||= file.refused;
      // The choices of the option are the formats.
      const format = (args.text('output') as Format | undefined) ?? formatOf(text);
      printed.push({ format, text: printFile(file, format, io.colours) });
    }
    // kubectl behind a pipe must not apply half of the objects.
    if (refused) return EXIT.refused;
    io.stdout(joinFiles(printed));
    return EXIT.fine;
  },
};

/** JSON in, JSON out. */
function formatOf(text: string): Format {
  return text.trimStart().startsWith('{') ? 'json' : 'yaml';
}

/** Prints a file in the given format. As YAML, documents without additions stay as they were, byte for byte. */
function printFile(file: InjectedFile, format: Format, colours: boolean): string {
  const texts = file.manifests.map((injected) => PRINTERS[format](injected, file.name, colours));
  return texts.join('') + (format === 'yaml' ? file.rest : '');
}

type Printer = (injected: InjectedManifest, name: string, colours: boolean) => string;

const PRINTERS: Readonly<Record<Format, Printer>> = {
  yaml: ({ manifest, patch }) => editYaml(manifest, patch),
  json: ({ manifest, patch }) => json(editValue(manifest, patch)),
  patch: ({ patch }) => json(patch),
  diff: ({ manifest, patch }, name, colours) => {
    return patch.length === 0 ? '' : printDiff(name, manifest.source, editYaml(manifest, patch), colours);
  },
};

function json(value: unknown): string {
  return `${JSON.stringify(value, exactly, 2)}\n`;
}

/** JSON numbers can have any count of digits; `rawJSON` prints those that a number would lose. */
function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint'
    ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
    : value;
}

/** Joins files; a marker goes between the YAML documents of two files. */
function joinFiles(files: readonly { readonly format: Format; readonly text: string }[]): string {
  return files.reduce((all, { format, text }) => {
    if (all === '' || text === '') return all + text;
    const marker = format === 'yaml' && !text.startsWith('---') ? '---\n' : '';
    return `${all}${all.endsWith('\n') ? '' : '\n'}${marker}${text}`;
  }, '');
}
