import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { closest } from '../problems/closest.ts';
import { oneOf } from '../problems/problem.ts';
import { UsageError, type Arguments, type Command, type Option } from './command.ts';

/** Reads the arguments of a command by its table of options. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const { values, positionals } = parse(command, argv);
  if (positionals.length > command.maxPositionals) {
    throw new UsageError(
      `${command.name}: found "${positionals[command.maxPositionals] ?? ''}"; expected only ${command.positionals ?? 'options'}. Fix: see ${command.name} --help`,
    );
  }
  const texts = (name: string): readonly string[] => {
    const option = command.options.find((each) => each.name === name);
    const given = values[name];
    if (given === undefined) return option?.default === undefined ? [] : [option.default];
    return (Array.isArray(given) ? given : [given]).map(String);
  };
  for (const option of command.options) checkChoice(command, option, texts(option.name));
  return { positionals, texts, text: (name) => texts(name).at(-1), flag: (name) => values[name] === true };
}

function parse(command: Command, argv: readonly string[]): ReturnType<typeof parseArgs> {
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    command.options.map((option) => [
      option.name,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(option.short === undefined ? {} : { short: option.short }),
        multiple: option.multiple === true,
      },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new UsageError(
      `${command.name}: ${reason(command, argv, cause)}. Fix: see ${command.name} --help`,
      { cause },
    );
  }
}

/** Node's own text, and the closest option where one was misspelt. */
function reason(command: Command, argv: readonly string[], cause: unknown): string {
  const names = command.options.map((option) => `--${option.name}`);
  const unknown = argv
    .map((each) => each.split('=', 1)[0] ?? '')
    .find((each) => each.startsWith('--') && !names.includes(each));
  const near = unknown === undefined ? undefined : closest(unknown, names);
  if (unknown !== undefined && unknown !== '--') {
    return `found ${unknown}; expected ${oneOf(names)}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  return cause instanceof Error
    ? (cause.message.split('. ')[0] ?? cause.message)
    : 'arguments that cannot be read';
}

function checkChoice(command: Command, option: Option, given: readonly string[]): void {
  const { choices } = option;
  const wrong = choices === undefined ? undefined : given.find((value) => !choices.includes(value));
  if (wrong === undefined) return;
  throw new UsageError(
    `${command.name}: found --${option.name} "${wrong}"; expected ${oneOf(choices ?? [])}`,
  );
}
