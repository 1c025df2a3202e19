/** What stood between us and an answer of the API server. */
export type KubernetesErrorCode =
  /** There is no kubeconfig and no service account, or the kubeconfig is no good. */
  | 'configuration'
  /** No connection, or one that broke: DNS, refused, reset, TLS. */
  | 'unreachable'
  | 'timeout'
  /** The caller's own signal ended the call. */
  | 'aborted'
  /** An answer that is not what this path promises. */
  | 'malformed'
  /** 401 */
  | 'unauthenticated'
  /** 403 */
  | 'forbidden'
  /** 409 */
  | 'conflict'
  /** 410: the resourceVersion or continue token is too old. */
  | 'expired'
  /** 429 */
  | 'throttled'
  /** Any other 4xx or 3xx. */
  | 'rejected'
  /** 5xx */
  | 'server';

export interface KubernetesErrorOptions {
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

/** Thrown by this room; the message names method and path, and never a header or a body. */
export class KubernetesError extends Error {
  readonly code: KubernetesErrorCode;
  /** The HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(code: KubernetesErrorCode, message: string, options: KubernetesErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KubernetesError';
    this.code = code;
    this.status = options.status;
  }
}

/** Whether a call was given up because its caller is done, and not because it failed. */
export function isAborted(error: unknown): boolean {
  return error instanceof KubernetesError && error.code === 'aborted';
}

/** Whether the API server has understood a call and says no: by RBAC, a quota or a policy. The same call fails again. */
export function isRefusal(error: unknown): error is KubernetesError {
  return error instanceof KubernetesError && (error.code === 'forbidden' || error.code === 'rejected');
}

const CODES: Readonly<Record<number, KubernetesErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  409: 'conflict',
  410: 'expired',
  429: 'throttled',
};

/** The code for a status that is no success. */
export function codeOfStatus(status: number): KubernetesErrorCode {
  return CODES[status] ?? (status >= 500 ? 'server' : 'rejected');
}

const MAX_MESSAGE_LENGTH = 300;

/** The `message` of a Status object as JSON text, cut to a line's length; empty when the text is something else. */
export function messageOfStatus(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown } | null;
    return typeof status?.message === 'string' ? status.message.slice(0, MAX_MESSAGE_LENGTH) : '';
  } catch {
    return '';
  }
}

/** `where` (as `GET /api/v1/namespaces`) and what undici or client-node threw there, as an error of this room. */
export function fromThrown(where: string, thrown: unknown): KubernetesError {
  if (thrown instanceof KubernetesError) return thrown;
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return new KubernetesError('timeout', `${where}: no answer in time`, { cause: thrown });
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new KubernetesError('aborted', `${where}: given up`, { cause: thrown });
  }
  return new KubernetesError('unreachable', `${where}: ${innermost(thrown)}`, { cause: thrown });
}

/** undici says no more than "fetch failed"; what happened stands in the cause. */
function innermost(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.cause instanceof Error) return innermost(thrown.cause);
  // When every address of a host refused, the error that sums them up has a code and no message.
  return thrown.message || String((thrown as { code?: unknown }).code);
}
