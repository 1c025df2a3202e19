import type { Command, Option } from './command.ts';

/** `tbot-injector --help` */
export function programHelp(commands: readonly Command[]): string {
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
export function commandHelp(command: Command): string {
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
