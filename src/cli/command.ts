/** The surroundings of a command; tests pass their own. */
export interface Io {
  readonly stdin: () => Promise<string>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Stdout is a terminal that wants colours. */
  readonly colours: boolean;
  /** Fires at SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
}

export const EXIT = { fine: 0, refused: 1, usedWrongly: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A flag; parsing, `--help` and completion come from it. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** Name of the flag's value; a flag without one is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly multiple?: true;
  readonly default?: string;
  readonly doc: string;
}

/** What was given on the command line; defaults are filled in. */
export interface Arguments {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments, as in `[annotation]`. */
  readonly positionals?: string;
  /** How many positional arguments there can be. */
  readonly maxPositionals: number;
  readonly positionalChoices?: () => readonly string[];
  readonly options: readonly Option[];
  /** @throws UsageError where the arguments make no sense together */
  run(args: Arguments, io: Io): Promise<ExitCode> | ExitCode;
}

/** The program was used wrongly: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
