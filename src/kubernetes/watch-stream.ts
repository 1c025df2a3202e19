import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { HttpMethod, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { fetch, type Response } from 'undici';
import { ACCEPT } from './client.ts';
import type { Collection } from './list.ts';
import { codeOfStatus, fromThrown, KubernetesError } from './error.ts';
import type { WatchEnd } from './watch-end.ts';

export interface StreamListener {
  /** The API server has accepted the watch. */
  opened(): void;
  /** ADDED, MODIFIED, DELETED or BOOKMARK, with its object. */
  event(type: string, object: object): void;
}

/**
 * One watch connection, from its request to its end; the promise never rejects, and when it resolves the connection
 * carries this watch no longer. `signal` ends it at any time, with a TimeoutError as `silent`.
 * Why it is not client-node's Watch: docs/decisions/0005.
 */
export async function openWatchStream(
  config: KubeConfig,
  collection: Collection,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { path } = collection;
  const where = `WATCH ${path}`;
  const hangUp = new AbortController();
  const abort = (): void => {
    hangUp.abort(signal.reason);
  };
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    const response = await request(config, collection, hangUp.signal);
    const { status } = response;
    if (status !== 200) throw new KubernetesError(codeOfStatus(status), `${where}: ${status}`, { status });
    listener.opened();
    for await (const line of linesOf(where, response.body ?? [])) {
      signal.throwIfAborted();
      deliver(where, line, listener);
    }
    return { kind: 'ended' };
  } catch (thrown) {
    if (!signal.aborted) return { kind: 'failed', error: fromThrown(where, thrown) };
    const isSilence = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
    return { kind: isSilence ? 'silent' : 'aborted' };
  } finally {
    signal.removeEventListener('abort', abort);
    // Whatever the end was, a refusal that is not read through or a line of garbage: no watch stays open behind us.
    hangUp.abort();
  }
}

async function request(
  config: KubeConfig,
  { path, query, extent = 'whole' }: Collection,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL((config.getCurrentCluster()?.server ?? '').replace(/\/$/, '') + path);
  url.search = new URLSearchParams({ ...query, watch: 'true' }).toString();
  const context = new RequestContext(url.href, HttpMethod.GET);
  context.setHeaderParam('Accept', ACCEPT[extent]);
  await config.applySecurityAuthentication(context);
  const dispatcher = context.getDispatcher();
  return fetch(url, {
    headers: context.getHeaders(),
    ...(dispatcher !== undefined && { dispatcher }),
    signal,
    redirect: 'manual',
  });
}

function deliver(where: string, line: string, listener: StreamListener): void {
  const { type, object } = parseEvent(where, line);
  if (type === 'ERROR') throw fromErrorEvent(where, object);
  listener.event(type, object);
}

/** What is no event may have been one before it was damaged, so nothing after it can be trusted to be complete. */
function parseEvent(where: string, line: string): { type: string; object: object } {
  const { type, object } = (parseJson(line) ?? {}) as { type?: unknown; object?: unknown };
  if (typeof type === 'string' && typeof object === 'object' && object !== null) return { type, object };
  throw new KubernetesError('malformed', `${where}: a line that is no event`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not passed on: the parser's message quotes the line.
    return undefined;
  }
}

/** An ERROR event carries a Status; 410 means that the resourceVersion has been compacted away. */
function fromErrorEvent(where: string, object: object): KubernetesError {
  const { code, message } = object as { code?: unknown; message?: unknown };
  const status = typeof code === 'number' ? code : 500;
  const said = typeof message === 'string' ? message.slice(0, 300) : 'an ERROR event';
  return new KubernetesError(codeOfStatus(status), `${where}: ${status}, ${said}`, { status });
}

/** Far above the 1.5 MiB that etcd takes for an object; without a limit an endless line would fill the memory. */
const MAX_LINE_LENGTH = 8 * 1024 * 1024;

/**
 * The lines of a body, each as soon as it is whole. A body that is no UTF-8, and one that ends within a line, are
 * errors: what is half a line here was an event when it was sent.
 * @throws KubernetesError `malformed`, and what `body` throws
 */
export async function* linesOf(
  where: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of body) {
    const [first = '', ...more] = decode(where, decoder, chunk).split('\n');
    // Only the new text is searched: an object of a megabyte comes in a hundred pieces.
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
    if (rest.length > MAX_LINE_LENGTH)
      throw new KubernetesError('malformed', `${where}: a line without an end`);
  }
  if (rest !== '') throw new KubernetesError('malformed', `${where}: it ends in the middle of a line`);
}

function decode(where: string, decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch {
    throw new KubernetesError('malformed', `${where}: bytes that are no UTF-8`);
  }
}
