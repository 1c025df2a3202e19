import { EXIT, UsageError, type Command, type Option } from './command.ts';

const SHELLS = ['bash', 'zsh'] as const;

/** `completion bash|zsh`: a script made of the table of commands, itself included. */
export function createCompletion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'Prints the completion script of a shell: source <(tbot-injector completion bash).',
    positionals: 'bash|zsh',
    maxPositionals: 1,
    positionalChoices: () => SHELLS,
    options: [],
    run(args, io) {
      const [name] = args.positionals;
      const shell = SHELLS.find((each) => each === name);
      if (shell === undefined)
        throw new UsageError(`completion: found "${name ?? 'nothing'}"; expected bash or zsh`);
      io.stdout(shell === 'bash' ? bashScript(commands()) : zshScript(commands()));
      return EXIT.fine;
    },
  };
}

function bashScript(commands: readonly Command[]): string {
  const names = [...commands.map(({ name }) => name), '--help', '--version'].join(' ');
  return `_tbot_injector() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$COMP_CWORD:\${COMP_WORDS[1]}:$prev" in
    1:*) words="${names}" ;;
${commands.flatMap(values).join('\n')}
${commands.map((command) => `    *:${command.name}:*) words="${words(command)}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tbot_injector tbot-injector
`;
}

/** zsh runs the script of bash through its own emulation. */
function zshScript(commands: readonly Command[]): string {
  return `autoload -Uz compinit bashcompinit && compinit && bashcompinit\n${bashScript(commands)}`;
}

/** What can follow a command. */
function words(command: Command): string {
  return [...(command.positionalChoices?.() ?? []), ...command.options.flatMap(flags), '--help'].join(' ');
}

/** After a flag with a value: its choices, or nothing, which leaves the shell to complete file names. */
function values(command: Command): string[] {
  return command.options
    .filter(({ value }) => value !== undefined)
    .map((option) => {
      const patterns = flags(option).map((flag) => `*:${command.name}:${flag}`);
      return `    ${patterns.join('|')}) words="${(option.choices ?? []).join(' ')}" ;;`;
    });
}

function flags({ name, short }: Option): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}
