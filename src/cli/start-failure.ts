import { UsageError } from './command.ts';

/** How the flags of a command mend what its start can fail of. */
export interface StartFixes {
  readonly ports: string;
  readonly cluster: string;
}

/** The error of a start that flags can mend, as a sentence that names them; undefined for other errors. */
export function startFailure(command: string, error: unknown, fixes: StartFixes): UsageError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  switch (error.code) {
    case 'configuration':
      return new UsageError(
        `${command}: found no usable kubeconfig (${error.message}); expected a cluster. Fix: ${fixes.cluster}`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UsageError(
        `${command}: found a --host that this machine does not have; expected one of its addresses`,
      );
    case 'EADDRINUSE':
      return portFailure(command, error, 'that is in use', fixes);
    case 'EACCES':
      return portFailure(command, error, 'that this user may not open', fixes);
    default:
      return undefined;
  }
}

function portFailure(
  command: string,
  error: Error,
  why: string,
  { ports }: StartFixes,
): UsageError | undefined {
  if (!('port' in error)) return undefined;
  return new UsageError(
    `${command}: found port ${String(error.port)} ${why}; expected a free one. Fix: ${ports}`,
  );
}
