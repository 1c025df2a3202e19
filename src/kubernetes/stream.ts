import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Watch } from '@kubernetes/client-node/dist/watch.js';
import { codeOfStatus, fromThrown, KubernetesError } from './error.ts';
import type { StreamEnd } from './supervision.ts';

export interface StreamListener {
  /** The API server has accepted the watch. */
  opened(): void;
  /** ADDED, MODIFIED, DELETED or BOOKMARK, with its object. */
  event(type: string, object: unknown): void;
}

/**
 * One watch connection, from its request to its end; the promise never rejects. What is odd about client-node's
 * Watch stays in here: it swallows what its callback throws, reports an end as null, an error or a rejection,
 * ends a watch that is quiet for 30 s, and hands out the means to abort only once the server has answered. (One that
 * is aborted before is over for us at once; its connection closes with the answer or after those 30 s.)
 */
export function openStream(
  config: KubeConfig,
  path: string,
  query: Readonly<Record<string, string | number | boolean>>,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<StreamEnd> {
  const where = `WATCH ${path}`;
  return new Promise((resolve) => {
    let over = false;
    let connection: AbortController | undefined;
    const abort = (): void => {
      finish({ kind: 'aborted' });
    };
    const finish = (end: StreamEnd): void => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', abort);
      connection?.abort();
      resolve(end);
    };
    const onEvent = (type: string, object: unknown): void => {
      if (over) return;
      if (type === 'ERROR') finish({ kind: 'failed', error: fromErrorEvent(where, object) });
      else listener.event(type, object);
    };
    const onDone = (thrown: unknown): void => {
      finish(endOf(where, thrown));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    new Watch(config).watch(path, query, onEvent, onDone).then((opened) => {
      connection = opened;
      if (over) opened.abort();
      else listener.opened();
    }, onDone);
  });
}

function endOf(where: string, thrown: unknown): StreamEnd {
  if (thrown === null || thrown === undefined) return { kind: 'ended' };
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return { kind: 'silent' };
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number') {
    const { statusCode: status } = thrown;
    const error = new KubernetesError(codeOfStatus(status), `${where}: ${status}`, { status, cause: thrown });
    return { kind: 'failed', error };
  }
  return { kind: 'failed', error: fromThrown(where, thrown) };
}

/** An ERROR event carries a Status; 410 means that the resourceVersion has been compacted away. */
function fromErrorEvent(where: string, object: unknown): KubernetesError {
  const { code, message } = (object ?? {}) as { code?: unknown; message?: unknown };
  const status = typeof code === 'number' ? code : 500;
  const said = typeof message === 'string' ? message.slice(0, 300) : 'an ERROR event';
  return new KubernetesError(codeOfStatus(status), `${where}: ${status}, ${said}`, { status });
}
