import { HttpMethod, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { fetch, type Response } from 'undici';
import { Contact } from './contact.ts';
import { codeOfStatus, fromThrown, KubernetesError, messageOfStatus } from './error.ts';
import { SharedKubeConfig } from './kubeconfig.ts';
import { Throttle } from './throttle.ts';

export type Answer = { readonly kind: 'ok'; readonly body: unknown } | { readonly kind: 'not-found' };

/** How objects come back: whole, or their metadata alone, so that this program never holds the data of a Secret. */
export type Extent = 'whole' | 'metadata' | 'metadata-list';

export interface CallOptions {
  /** `whole` by default. */
  readonly extent?: Extent | undefined;
  readonly query?: Readonly<Record<string, string>>;
  /** For the whole call, body included; 10 s by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A change of an object, in one of the three forms that the API server reads. */
export interface Patch {
  /**
   * `apply`: these fields are to be so, and the object to be there. `merge`: these fields change; null removes one.
   * `json`: operations. The last two need the object; `metadata.resourceVersion` in a merge makes it conditional.
   */
  readonly kind: 'apply' | 'merge' | 'json';
  readonly body: unknown;
}

/** What an object must still be to be deleted. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface KubernetesClient {
  /** For the classes of client-node: they too get the shared connections. */
  readonly config: KubeConfig;
  /**
   * GET of a path such as `/api/v1/namespaces/payments`.
   * @throws KubernetesError for everything but 200 and 404
   */
  getJson(path: string, options?: CallOptions): Promise<Answer>;
  /**
   * PATCH of one object; the answer is the object as it is then. To an `apply`, `not-found` means the namespace.
   * @throws KubernetesError; `conflict` where the object has changed since that resourceVersion
   */
  patchJson(path: string, patch: Patch, options?: CallOptions): Promise<Answer>;
  /**
   * POST of a new object to its collection.
   * @throws KubernetesError; `conflict` where there is one of that name
   */
  postJson(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
  /**
   * DELETE of one object, if it is still of this uid and version; `not-found` where it is gone already.
   * @throws KubernetesError; `conflict` where it has changed since
   */
  deleteJson(path: string, preconditions: Preconditions, options?: CallOptions): Promise<Answer>;
  /** What the answers have told beside their content. */
  readonly contact: Contact;
  /** Milliseconds for which the API server has asked this client to be quiet (429 with Retry-After). */
  throttledMs(): number;
  /** Breaks all connections; nothing can be called afterwards. */
  close(): Promise<void>;
}

export interface ClientOptions {
  /** Path of a kubeconfig; without it KUBECONFIG, ~/.kube/config or the pod's service account, in this order. */
  readonly kubeconfig?: string | undefined;
}

const TIMEOUT_MS = 10_000;

/** Who changed a field, as `managedFields` tells. */
const FIELD_MANAGER = 'tbot-injector';

const MEDIA_TYPES: Readonly<Record<Patch['kind'], string>> = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

/**
 * A client for the cluster that a kubeconfig or the pod's service account names. It connects to nothing yet.
 * @throws KubernetesError `configuration`
 */
export function loadClient({ kubeconfig }: ClientOptions = {}): KubernetesClient {
  const throttle = new Throttle();
  const config = new SharedKubeConfig(throttle);
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    const which = kubeconfig ?? 'the default kubeconfig';
    throw new KubernetesError('configuration', `${which} cannot be used: ${(cause as Error).message}`, {
      cause,
    });
  }
  const server = serverOf(config, kubeconfig);
  const contact = new Contact();
  const caller: Caller = { config, server, contact };

  return {
    config,
    contact,
    getJson: (path, options = {}) => call(caller, { method: HttpMethod.GET, path, ...options }),
    patchJson: (path, { kind, body }, { query = {}, ...options } = {}) =>
      call(caller, {
        method: HttpMethod.PATCH,
        path,
        content: { type: MEDIA_TYPES[kind], text: JSON.stringify(body) },
        query: { fieldManager: FIELD_MANAGER, ...(kind === 'apply' && { force: 'true' }), ...query },
        ...options,
      }),
    postJson: (path, body, { query = {}, ...options } = {}) =>
      call(caller, {
        method: HttpMethod.POST,
        path,
        content: { type: 'application/json', text: JSON.stringify(body) },
        query: { fieldManager: FIELD_MANAGER, ...query },
        ...options,
      }),
    deleteJson: (path, preconditions, options = {}) =>
      call(caller, {
        method: HttpMethod.DELETE,
        path,
        content: { type: 'application/json', text: JSON.stringify({ preconditions }) },
        ...options,
      }),
    throttledMs: () => throttle.waitMs(),
    close: () => config.destroy(),
  };
}

interface Caller {
  readonly config: KubeConfig;
  readonly server: string;
  readonly contact: Contact;
}

interface Call extends CallOptions {
  readonly method: HttpMethod;
  readonly path: string;
  readonly content?: { readonly type: string; readonly text: string };
}

async function call({ config, server, contact }: Caller, call: Call): Promise<Answer> {
  const { method, path, content, query = {}, timeoutMs = TIMEOUT_MS, signal, extent = 'whole' } = call;
  const where = `${method} ${path}`;
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const context = new RequestContext(url.href, method);
    context.setHeaderParam('Accept', ACCEPT[extent]);
    if (content !== undefined) context.setHeaderParam('Content-Type', content.type);
    await config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    const response = await fetch(url, {
      method,
      headers: context.getHeaders(),
      ...(content !== undefined && { body: content.text }),
      ...(dispatcher !== undefined && { dispatcher }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      // An API server never redirects; a login page in front of it does.
      redirect: 'manual',
    });
    contact.note(response.headers.get('date'));
    const text = await response.text();
    if (response.status !== 200 && response.status !== 201 && response.status !== 404) {
      throw refusal(where, response, text);
    }
    const answer: Answer =
      response.status === 404 ? { kind: 'not-found' } : { kind: 'ok', body: parse(where, text) };
    contact.noteUse();
    return answer;
  } catch (thrown) {
    if (signal?.aborted === true)
      throw new KubernetesError('aborted', `${where}: given up`, { cause: thrown });
    throw fromThrown(where, thrown);
  }
}

const AS_METADATA = 'application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadata';

/** The media types by which the API server is asked for that much of an object. */
export const ACCEPT: Readonly<Record<Extent, string>> = {
  whole: 'application/json',
  metadata: AS_METADATA,
  'metadata-list': `${AS_METADATA}List`,
};

function refusal(where: string, response: Response, text: string): KubernetesError {
  const { status } = response;
  const said = messageOfStatus(text);
  return new KubernetesError(codeOfStatus(status), `${where}: ${status}${said === '' ? '' : `, ${said}`}`, {
    status,
  });
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the body.
    throw new KubernetesError('malformed', `${where}: the answer is not JSON`);
  }
}

/** Checked now rather than at the first call, where it would look like an outage. */
function serverOf(config: KubeConfig, kubeconfig: string | undefined): string {
  const which = kubeconfig ?? 'the default kubeconfig';
  const cluster = config.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw new KubernetesError('configuration', `${which} names no current cluster with a server`);
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    // client-node makes up http://localhost:8080 when it has found no configuration at all.
    const absence = kubeconfig === undefined ? 'there is no kubeconfig and no service account, or ' : '';
    throw new KubernetesError('configuration', `${absence}${which} leads to ${cluster.server} without TLS`);
  }
  return cluster.server.replace(/\/$/, '');
}
