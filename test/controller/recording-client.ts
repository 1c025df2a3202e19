import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Contact } from '../../src/kubernetes/contact.ts';
import type {
  Answer,
  CallOptions,
  KubernetesClient,
  Patch,
  Preconditions,
} from '../../src/kubernetes/client.ts';

export interface Call {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly options: CallOptions | undefined;
  readonly patch?: Patch['kind'];
  readonly body?: unknown;
  readonly preconditions?: Preconditions;
}

/** Records every call, and answers by `answer`, which may throw. */
export class RecordingClient implements KubernetesClient {
  readonly calls: Call[] = [];
  readonly contact = new Contact();
  answer: (call: Call) => Answer | Promise<Answer> = () => ({ kind: 'ok', body: {} });

  get config(): KubeConfig {
    throw new Error('no stream is expected here');
  }

  getJson(path: string, options?: CallOptions): Promise<Answer> {
    return this.#call({ method: 'GET', path, options });
  }

  patchJson(path: string, { kind, body }: Patch, options?: CallOptions): Promise<Answer> {
    return this.#call({ method: 'PATCH', path, options, patch: kind, body: sent(body) });
  }

  postJson(path: string, body: unknown, options?: CallOptions): Promise<Answer> {
    return this.#call({ method: 'POST', path, options, body: sent(body) });
  }

  deleteJson(path: string, preconditions: Preconditions, options?: CallOptions): Promise<Answer> {
    return this.#call({ method: 'DELETE', path, options, preconditions });
  }

  throttledMs(): number {
    return 0;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #call(call: Call): Promise<Answer> {
    this.calls.push(call);
    return this.answer(call);
  }
}

/** As it goes over the wire. */
function sent(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body));
}
