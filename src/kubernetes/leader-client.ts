import type { CallOptions, KubernetesClient } from './client.ts';
import type { Leadership } from './elector.ts';
import { KubernetesError } from './error.ts';

/**
 * The client of a leader: every call ends with the leadership, and no write begins once it is over by the clock. A process
 * that was stopped for a while hears of its loss only when its timers run again.
 */
export function leaderClient(client: KubernetesClient, leadership: Leadership): KubernetesClient {
  const bound = (options: CallOptions = {}): CallOptions => ({
    ...options,
    signal:
      options.signal === undefined ? leadership.signal : AbortSignal.any([leadership.signal, options.signal]),
  });
  const write = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    if (!leadership.holds()) throw new KubernetesError('aborted', `${what}: this controller leads no longer`);
    return call();
  };
  return {
    get config() {
      return client.config;
    },
    contact: client.contact,
    getJson: (path, options) => client.getJson(path, bound(options)),
    patchJson: (path, patch, options) =>
      write(`PATCH ${path}`, () => client.patchJson(path, patch, bound(options))),
    postJson: (path, body, options) =>
      write(`POST ${path}`, () => client.postJson(path, body, bound(options))),
    deleteJson: (path, preconditions, options) =>
      write(`DELETE ${path}`, () => client.deleteJson(path, preconditions, bound(options))),
    throttledMs: () => client.throttledMs(),
    close: () => client.close(),
  };
}
