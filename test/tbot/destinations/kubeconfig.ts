import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { Fault } from '../fault.ts';
import type { Api } from './api.ts';

interface Access {
  readonly server: string;
  readonly ca?: string | undefined;
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
  /** Read with every request: the kubelet renews the file. */
  readonly token: () => string | undefined;
}

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server as client-go finds it: KUBECONFIG, else the service account of the pod.
 * @throws {Fault} where there is neither
 */
export function apiFromEnvironment(env: NodeJS.ProcessEnv): Api {
  const file = env['KUBECONFIG'] ?? '';
  const { server, ca, client, token } = file === '' ? inCluster(env) : fromKubeconfig(file);
  const dispatcher = new Agent({ connect: { ...(ca !== undefined && { ca }), ...client } });
  return async (method, path, body, contentType = 'application/json') => {
    const bearer = token();
    const answer = await request(new URL(path, server), {
      method: method as 'GET',
      dispatcher,
      headersTimeout: 30_000,
      headers: {
        accept: 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
}

function inCluster(env: NodeJS.ProcessEnv): Access {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    if (host === '' || port === '') throw new Error('not in a cluster');
    const token = (): string => readFileSync(`${MOUNTED}/token`, 'utf8').trim();
    token();
    return { server, ca: readFileSync(`${MOUNTED}/ca.crt`, 'utf8'), token };
  } catch (error) {
    throw new Fault(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
      { cause: error },
    );
  }
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly {
    readonly name: string;
    readonly user: {
      readonly token?: string;
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
    };
  }[];
}

function fromKubeconfig(file: string): Access {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const named = <T extends { readonly name: string }>(list: readonly T[], name: string | undefined): T => {
    const found = list.find((each) => each.name === name);
    if (found === undefined) throw new Fault(`${file}: nothing is called ${name ?? ''}`);
    return found;
  };
  const { context } = named(config.contexts, config['current-context']);
  const { cluster } = named(config.clusters, context.cluster);
  const { user } = named(config.users, context.user);
  const { 'client-certificate-data': cert, 'client-key-data': key } = user;
  return {
    server: cluster.server,
    ca: fromBase64(cluster['certificate-authority-data']),
    client: cert && key ? { cert: fromBase64(cert) ?? '', key: fromBase64(key) ?? '' } : undefined,
    token: () => user.token,
  };
}

function fromBase64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString();
}
