import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { CLUSTER, createIssuer, type Issuer } from './join/issuer.ts';

/** What a tbot finds in its pod: an API server with empty Secrets of any name, its own token, and a Teleport. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly issuer: Issuer;
  /** What was asked of the API server and of the issuer: `PATCH /api/v1/...`. */
  readonly asked: readonly string[];
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** From now on what has this in its path is refused. */
  refuse(path: string, message: string): void;
  write(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

const SECRET = /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/([^/]+)$/;
/** The name of the join token in the goldens of the bot `everybody`. */
const TOKEN = 'everybody-bot';

export async function surroundings(): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'tbot-player-'));
  const secrets = new Map<string, Record<string, string>>();
  const asked: string[] = [];
  const refusals = new Map<string, string>();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = await createIssuer(url);
  const answer = (
    method: string,
    target: URL,
    body: { data?: Record<string, string> },
  ): [number, unknown] => {
    asked.push(`${method} ${target.pathname}${target.search}`);
    const refusal = refusals.entries().find(([path]) => target.pathname.includes(path));
    if (refusal !== undefined) return [403, { message: refusal[1] }];
    if (target.pathname === '/.well-known/openid-configuration')
      return [200, { issuer: url, jwks_uri: `${url}/keys` }];
    if (target.pathname === '/keys') return [200, issuer.jwks];
    const [, namespace = '', name = ''] = SECRET.exec(target.pathname) ?? [];
    const key = `${namespace}/${name}`;
    if (method === 'PATCH' && !target.searchParams.has('dryRun')) secrets.set(key, body.data ?? {});
    const metadata = { namespace, name, resourceVersion: String(asked.length) };
    return [200, { metadata, type: 'Opaque', data: secrets.get(key) ?? {} }];
  };
  server.on('request', (request, response) => {
    const method = request.method ?? '';
    const reading = method === 'PATCH' ? json(request) : Promise.resolve({});
    void reading.then((body) => {
      const [status, found] = answer(method, new URL(request.url ?? '', url), body as object);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    });
  });
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    env: {
      KUBECONFIG: await write('kubeconfig.yaml', kubeconfig(url)),
      KUBERNETES_TOKEN_PATH: await write('join-sa-token', await issuer.token()),
      POD_NAMESPACE: 'tbot-system',
      PLAYER_AUTH_SERVICE: await write('teleport.yaml', teleport(url)),
    },
    issuer,
    asked,
    secrets,
    refuse: (path, message) => refusals.set(path, message),
    write,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function kubeconfig(url: string): string {
  return `
clusters: [{name: c, cluster: {server: "${url}"}}]
users: [{name: u, user: {token: x}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
}

function teleport(issuer: string): string {
  return `
kind: cluster_name
spec: {cluster_name: ${CLUSTER}}
---
kind: token
version: v2
metadata: {name: ${TOKEN}}
spec:
  roles: [Bot]
  bot_name: everybody
  join_method: kubernetes
  kubernetes:
    type: oidc
    oidc: {issuer: "${issuer}", insecure_allow_http_issuer: true}
    allow: [{service_account: "tbot-system:tbot-injector-bot-shared"}]
`;
}
