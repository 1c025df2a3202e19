import { closest } from '../problems/closest.ts';
import { oneOf } from '../problems/problem.ts';
import { VERSION } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, UsageError, type ExitCode, type Io } from './command.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, programHelp } from './help.ts';

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
