import { UsageError } from './command.ts';

/** Resolves when the signal fires, at once where it has. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

/** The error of a port that cannot be had, as a sentence whose fix names the flags; undefined for other errors. */
export function portTaken(command: string, error: unknown, fix: string): UsageError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return undefined;
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return undefined;
  const why = error.code === 'EACCES' ? 'that this user may not open' : 'that is in use';
  return new UsageError(
    `${command}: found port ${String(error.port)} ${why}; expected a free one. Fix: ${fix}`,
  );
}
