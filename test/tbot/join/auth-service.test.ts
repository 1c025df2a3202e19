import { beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../fault.ts';
import { join, readAuthService, type AuthService } from './auth-service.ts';
import { CLUSTER, createIssuer, SUBJECT, type Issuer } from './issuer.ts';

const URL = 'https://issuer.example/cluster/';
const DISCOVERY = 'https://issuer.example/cluster/.well-known/openid-configuration';
const KEYS = 'https://issuer.example/keys';
const METHODS = ['oidc', 'static_jwks'] as const;

let issuer: Issuer;
let stranger: Issuer;
let auth: AuthService;
let pages: Record<string, unknown>;

beforeAll(async () => {
  issuer = await createIssuer(URL);
  stranger = await createIssuer(URL, 'two');
  pages = { [DISCOVERY]: { issuer: URL, jwks_uri: KEYS }, [KEYS]: issuer.jwks };
  const allow = '[{service_account: "tbot-system:tbot-injector-bot-shared"}]';
  auth = readAuthService(`
kind: cluster_name
spec: {cluster_name: ${CLUSTER}, min_client_version: 18.0.0}
---
kind: bot
metadata: {name: shared}
---
${token('oidc', `{type: oidc, oidc: {issuer: "${URL}"}, allow: ${allow}}`)}
---
${token('static_jwks', `{type: static_jwks, static_jwks: {jwks: '${JSON.stringify(issuer.jwks)}'}, allow: ${allow}}`)}
---
${token('in_cluster', `{allow: ${allow}}`)}
---
${token('old', `{allow: ${allow}}`).replace('name: old', 'name: old, expires: "2026-01-01T00:00:00Z"')}
---
${token('node', `{allow: ${allow}}`).replace('Bot', 'Node')}
---
${token('globs', `{type: oidc, oidc: {issuer: "${URL}"}, allow: [{service_account_namespace: "tbot-*", service_account_name: "tbot-injector-bot-share?"}]}`)}
`);
});

function token(name: string, kubernetes: string): string {
  return `kind: token
version: v2
metadata: {name: ${name}}
spec: {roles: [Bot], bot_name: shared, join_method: kubernetes, kubernetes: ${kubernetes}}`;
}

interface Attempt {
  readonly token: string;
  readonly joinMethod?: string;
  readonly clientVersion?: string;
  readonly idToken?: string;
  readonly found?: Record<string, unknown>;
}

/** What Teleport answers; undefined: it lets the bot in. */
async function refusal({ found, ...request }: Attempt): Promise<string | undefined> {
  const fetchJson = (url: string): Promise<unknown> => {
    const page = { ...pages, ...found }[url];
    return page === undefined ? Promise.reject(new Error('http status not ok: 404')) : Promise.resolve(page);
  };
  const whole = {
    joinMethod: 'kubernetes',
    clientVersion: '18.8.1',
    idToken: await issuer.token(),
    ...request,
  };
  return join(auth, whole, { now: Date.now(), fetchJson }).then(() => undefined, messageOf);
}

describe('Teleport', () => {
  it.each([...METHODS, 'globs'])('lets in the account of a rule, by %s', async (name) => {
    expect(await refusal({ token: name })).toBeUndefined();
  });

  it.each([
    ['a name that is none', { token: 'nope' }, 'token expired or not found'],
    ['a token of long ago', { token: 'old' }, 'token expired or not found'],
    [
      'another method',
      { token: 'oidc', joinMethod: 'iam' },
      'client requested join method iam, provision token only supports method kubernetes',
    ],
    ['a token for nodes', { token: 'node' }, 'can not join the cluster, the token does not allow role Bot'],
    [
      'a client of long ago',
      { token: 'oidc', clientVersion: '17.10.2' },
      'client version is unsupported, minimum supported version is 18.0.0',
    ],
    ['an issuer in its own cluster', { token: 'in_cluster' }, 'of type oidc and static_jwks alone'],
  ])('refuses %s', async (_, attempt, sentence) => {
    expect(await refusal(attempt)).toContain(sentence);
  });

  const seconds = Date.now() / 1000;
  const CLAIMS: readonly (readonly [what: string, claims: object, oidc: string, jwks: string])[] = [
    [
      'the audience of the API server',
      { aud: ['https://kubernetes.default.svc'] },
      `audience is not valid: Audience must contain client_id "${CLUSTER}"`,
      'validation failed, invalid audience claim (aud)',
    ],
    [
      'a token that has ended',
      { iat: seconds - 700, exp: seconds - 60 },
      'token has expired',
      'token is expired (exp)',
    ],
    [
      'a token of tomorrow',
      { iat: seconds + 86_400, exp: seconds + 86_500 },
      'issuedAt of token is in the future',
      'token issued in the future (iat)',
    ],
    [
      'a token of no pod',
      { 'kubernetes.io': { namespace: 'tbot-system' } },
      'oidc joining requires the use of a projected pod bound service account token',
      'static_jwks joining requires the use of projected pod bound service account token',
    ],
    [
      'a token for an hour',
      { exp: seconds + 3600 },
      'service account token with a TTL of less than 30m0s',
      'service account token with a TTL of less than 30m0s',
    ],
    [
      'another account',
      { sub: SUBJECT.replace('shared', 'other') },
      'kubernetes token did not match any allow rules',
      'kubernetes token did not match any allow rules',
    ],
  ];

  it.each(CLAIMS)('refuses %s', async (_, claims, ...sentences) => {
    const idToken = await issuer.token({ ...claims });
    for (const [index, name] of METHODS.entries())
      expect(await refusal({ token: name, idToken })).toContain(sentences[index]);
  });

  it('refuses another issuer by OIDC alone, to the last slash', async () => {
    const idToken = await issuer.token({ iss: URL.slice(0, -1) });
    expect(await refusal({ token: 'static_jwks', idToken })).toBeUndefined();
    expect(await refusal({ token: 'oidc', idToken })).toBe(
      [
        'reviewing kubernetes token with oidc',
        'validating OIDC token',
        'verifying token',
        `issuer does not match: Expected: ${URL}, got: ${URL.slice(0, -1)}`,
      ].reduce((text, line, depth) => `${text}\n${'\t'.repeat(depth)}${line}`),
    );
  });

  it('refuses several audiences by OIDC alone', async () => {
    const idToken = await issuer.token({ aud: [CLUSTER, 'other'] });
    expect(await refusal({ token: 'static_jwks', idToken })).toBeUndefined();
    expect(await refusal({ token: 'oidc', idToken })).toContain('authorized party is not set');
  });

  it('refuses what others have signed', async () => {
    const idToken = await stranger.token();
    expect(await refusal({ token: 'oidc', idToken })).toContain(
      'invalid signature: no possible keys matches',
    );
    expect(await refusal({ token: 'static_jwks', idToken })).toContain('unsupported key type/format');
  });

  it('refuses what others have signed under the same key ID', async () => {
    const idToken = await (await createIssuer(URL)).token();
    expect(await refusal({ token: 'oidc', idToken })).toMatch(/\tinvalid signature$/);
    expect(await refusal({ token: 'static_jwks', idToken })).toContain('error in cryptographic primitive');
  });

  it('refuses a secret in place of a key, and what is no token', async () => {
    const idToken = await issuer.token({}, 'HS256');
    expect(await refusal({ token: 'oidc', idToken })).toContain('signature algorithm not supported');
    expect(await refusal({ token: 'oidc', idToken: 'x' })).toContain('parsing jwt');
  });

  it('says that it cannot reach the issuer, or its keys', async () => {
    const discovery = await refusal({ token: 'oidc', found: { [DISCOVERY]: undefined } });
    expect(discovery).toContain('OpenID Provider Configuration Discovery has failed');
    expect(discovery).toContain(`Get "${DISCOVERY}": http status not ok: 404`);
    const keys = await refusal({ token: 'oidc', found: { [KEYS]: undefined } });
    expect(keys).toContain('unable to fetch key for signature validation');
  });

  it('refuses an issuer that calls itself otherwise', async () => {
    const found = { [DISCOVERY]: { issuer: 'https://kubernetes.default.svc', jwks_uri: KEYS } };
    expect(await refusal({ token: 'oidc', found })).toContain(
      `issuer does not match: Expected: ${URL}, got: https://kubernetes.default.svc`,
    );
  });
});

describe('tctl create refuses a join token', () => {
  const cluster = `kind: cluster_name\nspec: {cluster_name: ${CLUSTER}}\n---\n`;

  it.each([
    ['without rules', '{type: in_cluster, allow: []}', 'allow: at least one rule must be set'],
    [
      'with a rule that names no account',
      '{allow: [{service_account: tbot}]}',
      'allow[0].service_account: name of service account should be in format "namespace:service_account"',
    ],
    ['with half a pattern', '{allow: [{service_account_name: "*"}]}', 'must both be set'],
    [
      'with an issuer in the clear',
      '{type: oidc, oidc: {issuer: "http://x"}, allow: [{service_account: "a:b"}]}',
      'oidc.issuer must be https:// unless insecure_allow_http_issuer is set',
    ],
    ['without keys', '{type: static_jwks, allow: [{service_account: "a:b"}]}', 'static_jwks: must be set'],
    [
      'of no type',
      '{type: x, allow: [{service_account: "a:b"}]}',
      'unsupported kubernetes join method type (x)',
    ],
  ])('%s', (_, kubernetes, sentence) => {
    expect(() => readAuthService(cluster + token('t', kubernetes))).toThrow(sentence);
  });

  it('takes an issuer in the clear where that is said', () => {
    const kubernetes =
      '{type: oidc, oidc: {issuer: "http://x", insecure_allow_http_issuer: true}, allow: [{service_account: "a:b"}]}';
    expect(readAuthService(cluster + token('t', kubernetes)).tokens.size).toBe(1);
  });

  it('needs the name of the cluster', () => {
    expect(() => readAuthService('kind: bot')).toThrow('cluster_name');
  });
});
