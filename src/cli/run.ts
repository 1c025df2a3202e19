import { closest } from '../problems/closest.ts';
import { oneOf } from '../problems/problem.ts';
import { VERSION } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, UsageError, type ExitCode, type Io, type Command, type Option } from './command.ts';
import { COMMANDS } from './commands.ts';

/** Runs the command that `argv` names; wrong use ends in a sentence and exit code 2. */
export async function runCommand(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout)(programHelp(COMMANDS));
    return name === undefined ? EXIT.usedWrongly : EXIT.fine;
  }
  if (name === '--version') {
    io.stdout(`tbot-injector ${VERSION}\n`);
    return EXIT.fine;
  }
  try {
    const command = COMMANDS.find((each) => each.name === name);
    if (command === undefined) throw new UsageError(unknownCommand(name));
    if (rest.includes('--help') || rest.includes('-h')) {
      io.stdout(commandHelp(command));
      return EXIT.fine;
    }
    return await command.run(parseArguments(command, rest), io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr(`tbot-injector: ${error.message}\n`);
    return EXIT.usedWrongly;
  }
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((command) => command.name);
  const near = closest(name, names);
  return `found command "${name}"; expected ${oneOf(names)}${near === undefined ? '' : `. Fix: write ${near}`}`;
}

/** `tbot-injector --help` */
function programHelp(commands: readonly Command[]): string {
  const rows = commands.map((command) => [command.name, command.summary] as const);
  return [
    'Gives pods their Teleport Machine & Workload Identity.',
    '',
    'Usage: tbot-injector COMMAND [options]',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'tbot-injector COMMAND --help tells more; tbot-injector --version prints the release.',
    '',
  ].join('\n');
}

/** `tbot-injector COMMAND --help` */
function commandHelp(command: Command): string {
  const usage = ['tbot-injector', command.name, command.positionals, '[options]'].filter(Boolean).join(' ');
  const rows = command.options.map((option) => [flags(option), doc(option)] as const);
  return [
    command.summary,
    '',
    `Usage: ${usage}`,
    '',
    ...(rows.length === 0 ? [] : ['Options:', ...columns(rows), '']),
  ].join('\n');
}

function flags(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

function doc(option: Option): string {
  return option.default === undefined ? option.doc : `${option.doc} (default ${option.default})`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
