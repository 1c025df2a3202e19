import { EXIT, UsageError, type Command } from './command.ts';
import { CONFIG_OPTION, readConfigFile, readText } from './config-option.ts';
import { createOfflineDecider, injectFile } from './inject-file.ts';
import { FORMATS, formatOf, joinFiles, printFile, type Format } from './inject-output.ts';
import { LABELS_OPTION, readLabels } from './options.ts';

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
