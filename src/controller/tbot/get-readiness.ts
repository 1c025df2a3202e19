import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { MAX_READYZ_BYTES } from '../../credentials/readiness.ts';

/** Why a tbot has told nothing. */
export type TbotErrorCode = 'unreachable' | 'timeout' | 'too-long' | 'unexpected';

export class TbotError extends Error {
  readonly code: TbotErrorCode;

  constructor(code: TbotErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TbotError';
    this.code = code;
  }
}

export interface ReadinessCall {
  readonly signal: AbortSignal;
  /** From the look-up of the name to the last byte. */
  readonly timeoutMs: number;
}

/** Unhealthy is an answer like any other. */
const ANSWERS = [200, 503];

/**
 * `GET` of a tbot's diagnostics. By node:http, which follows no redirect, unpacks nothing, heeds no proxy and ends
 * at once with its signal; a connection of its own each time, for the pod behind the name may be another by then.
 * @throws TbotError
 */
export async function getReadiness(url: string, asking: ReadinessCall): Promise<string> {
  const { timeoutMs } = asking;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([asking.signal, timeout]);
  try {
    const request = get(url, { agent: false, signal });
    // It fails once more, after its answer has.
    request.on('error', () => undefined);
    // By the signal as well: a request that is answered with another protocol ends without a word.
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    return await read(url, addAbortSignal(signal, response));
  } catch (thrown) {
    if (thrown instanceof TbotError) throw thrown;
    if (timeout.aborted) throw new TbotError('timeout', `${url}: no answer within ${timeoutMs} ms`, thrown);
    throw new TbotError('unreachable', `${url}: ${messageOf(thrown)}`, thrown);
  }
}

async function read(url: string, response: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = response;
  if (!ANSWERS.includes(statusCode)) {
    response.destroy();
    throw new TbotError('unexpected', `${url}: found status ${statusCode}; expected ${ANSWERS.join(' or ')}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop closes the connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_READYZ_BYTES) {
      throw new TbotError('too-long', `${url}: found more than ${MAX_READYZ_BYTES} bytes; expected fewer`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Where every address of a name refuses, the error that sums them up has a code and no message. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.message || String((thrown as { code?: unknown }).code);
}
