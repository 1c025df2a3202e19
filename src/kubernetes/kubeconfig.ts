import { createHash } from 'node:crypto';
import type { AgentOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { KubeConfig, type DispatcherOptions } from '@kubernetes/client-node/dist/config.js';
import type { Cluster } from '@kubernetes/client-node/dist/config_types.js';
import type { RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { Agent, ProxyAgent, type buildConnector, type Dispatcher } from 'undici';
import type { Throttle } from './throttle.ts';

/** Below the 90 s after which the API server closes an idle connection. */
const KEEP_ALIVE_MS = 60_000;

/**
 * client-node's configuration, but every call shares one keep-alive dispatcher. As it comes, each call gets a
 * dispatcher of its own, and so a TLS handshake of its own.
 */
export class SharedKubeConfig extends KubeConfig {
  readonly #throttle: Throttle;
  #fingerprint = '';
  #agent: Dispatcher | undefined;
  #shared: Dispatcher | undefined;

  constructor(throttle: Throttle) {
    super();
    this.#throttle = throttle;
  }

  /**
   * Called by the base class for every request, with the CA and client certificate of this moment. A new
   * dispatcher is made only when they have changed, or when the connections of the old one cannot be trusted; what
   * it still carries is let finish.
   */
  override createDispatcherOptions(cluster: Cluster | null, agentOptions: AgentOptions): DispatcherOptions {
    const options = super.createDispatcherOptions(cluster, agentOptions);
    // client-node keeps its SOCKS connector to itself, so behind such a proxy nothing is shared.
    if (options.type === 'socks') return options;
    const fingerprint = fingerprintOf(options);
    if (fingerprint !== this.#fingerprint) {
      this.#agent?.close().catch(() => undefined);
      this.#agent = createAgent(options);
      this.#shared = this.#agent.compose(this.#listen(this.#agent));
      this.#fingerprint = fingerprint;
    }
    // The base class then builds none of its own.
    return { type: 'none' };
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    if (this.#shared !== undefined) context.setDispatcher(this.#shared);
  }

  /** Breaks every open connection: watches and calls under way end with an error. */
  async destroy(): Promise<void> {
    await this.#agent?.destroy();
  }

  /** All answers pass by here, those to client-node's own classes too. */
  #listen(agent: Dispatcher): Dispatcher.DispatcherComposeInterceptor {
    return (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart: (...event) => handler.onRequestStart?.(...event),
        onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
        onResponseStart: (controller, status, headers, message) => {
          this.#throttle.note(status, [headers['retry-after']].flat()[0]);
          handler.onResponseStart?.(controller, status, headers, message);
        },
        onResponseData: (...event) => handler.onResponseData?.(...event),
        onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
        onResponseError: (controller, error) => {
          if (error.name === 'TimeoutError') this.#distrust(agent);
          handler.onResponseError?.(controller, error);
        },
        onResponseStarted: () => handler.onResponseStarted?.(),
        onBodySent: (...event) => handler.onBodySent?.(...event),
        onRequestSent: () => handler.onRequestSent?.(),
      });
  }

  /**
   * Where one connection has died without a word, in a switch or a firewall, its idle neighbours have too, and the
   * next call would be lost on each of them in turn.
   */
  #distrust(agent: Dispatcher): void {
    if (agent === this.#agent) this.#fingerprint = '';
  }
}

/** A hash, so that no second copy of a private key stays in memory. */
function fingerprintOf(options: DispatcherOptions): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('base64');
}

function createAgent(options: Exclude<DispatcherOptions, { type: 'socks' }>): Dispatcher {
  // HTTP/1.1: calls then never queue behind the watch on one connection that may be dead.
  const common = { keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false };
  switch (options.type) {
    case 'agent':
      return new Agent({ ...common, connect: forUndici(options.connect) });
    case 'proxy': {
      const { uri, requestTls, connect } = options;
      return new ProxyAgent({
        ...common,
        uri,
        requestTls: forUndici(requestTls),
        connect: forUndici(connect),
      });
    }
    case 'none':
      return new Agent(common);
  }
}

/** client-node leaves out what it does not set, but its types also allow undefined, which undici's do not. */
function forUndici(options: ConnectionOptions): buildConnector.BuildOptions {
  return options as buildConnector.BuildOptions;
}
