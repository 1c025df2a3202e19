import { UsageError, type Arguments } from './command.ts';

export const HIGHEST_PORT = 65_535;

/** Reads flags of `command` whose values are whole numbers between two bounds. */
export function numbersOf(
  command: string,
  args: Arguments,
): (name: string, least: number, most: number) => number {
  return (name, least, most) => {
    const text = args.text(name) ?? '';
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(
      `${command}: found --${name} "${text}"; expected a whole number from ${least} to ${most}`,
    );
  };
}
