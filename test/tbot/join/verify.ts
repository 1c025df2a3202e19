import {
  compactVerify,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
} from 'jose';
import { Fault, messageOf, within } from '../fault.ts';

/** The account that has proved itself. */
export interface Verified {
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string;
  readonly pod: string;
}

/** GET, JSON; throws where the answer is none, or none of 200. */
export type FetchJson = (url: string) => Promise<unknown>;

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number | undefined;
  readonly iat: number | undefined;
  readonly azp: string | undefined;
  readonly pod: string;
}

const ALGORITHMS = ['RS256', 'ES256', 'PS256'];
const MOST_SECONDS = 30 * 60;

interface OidcSettings {
  readonly issuer: string;
  readonly clusterName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly fetchJson: FetchJson;
}

/** As Teleport verifies a token by an issuer: one second of leeway, and the audience is the name of the cluster. */
export async function verifyOidc(token: string, settings: OidcSettings): Promise<Verified> {
  const claims = readClaims(token);
  try {
    const jwksUri = await discover(settings.issuer, settings.fetchJson);
    await verifyToken(token, claims, jwksUri, settings).catch((error: unknown) => {
      throw within('verifying token', error);
    });
  } catch (error) {
    throw within('validating OIDC token', error);
  }
  return checkBinding(claims, 'oidc');
}

async function verifyToken(
  token: string,
  { iss, aud, azp, exp = 0, iat = 0 }: Claims,
  jwksUri: string,
  { issuer, clusterName, now, fetchJson }: OidcSettings,
): Promise<void> {
  if (iss !== issuer) throw new Fault(`issuer does not match: Expected: ${issuer}, got: ${iss}`);
  if (!aud.includes(clusterName))
    throw new Fault(`audience is not valid: Audience must contain client_id "${clusterName}"`);
  if (aud.length > 1 && azp === undefined)
    throw new Fault(
      'authorized party is not set. If Token is valid for multiple audiences, azp must not be empty',
    );
  await checkSignature(token, jwksUri, fetchJson);
  if (exp * 1000 + 1000 < now)
    throw new Fault(`token has expired: Expiration: ${new Date(exp * 1000).toISOString()}`);
  if (iat * 1000 - 1000 > now) throw new Fault('issuedAt of token is in the future');
}

async function discover(issuer: string, fetchJson: FetchJson): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await fetchJson(url).catch((error: unknown) => {
    throw within('OpenID Provider Configuration Discovery has failed', `Get "${url}": ${messageOf(error)}`);
  })) as { issuer?: string; jwks_uri?: string };
  if (found.issuer !== issuer)
    throw new Fault(`issuer does not match: Expected: ${issuer}, got: ${found.issuer ?? ''}`);
  return found.jwks_uri ?? '';
}

async function checkSignature(token: string, jwksUri: string, fetchJson: FetchJson): Promise<void> {
  const { alg = '' } = decodeProtectedHeader(token);
  if (!ALGORITHMS.includes(alg))
    throw new Fault(
      `signature algorithm not supported: id token signed with unsupported algorithm, got "${alg}"`,
    );
  const jwks = (await fetchJson(jwksUri).catch((error: unknown) => {
    throw within('unable to fetch key for signature validation', error);
  })) as JSONWebKeySet;
  try {
    await compactVerify(token, createLocalJWKSet(jwks), { algorithms: ALGORITHMS });
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey)
      throw new Fault('invalid signature: no possible keys matches', { cause: error });
    throw new Fault('invalid signature', { cause: error });
  }
}

interface StaticSettings {
  readonly jwks: string;
  readonly clusterName: string;
  readonly now: number;
}

/** By keys that the join token holds: the issuer counts nothing, and clocks may differ by 10 s. */
export async function verifyStaticJwks(
  token: string,
  { jwks, clusterName, now }: StaticSettings,
): Promise<Verified> {
  let keys;
  try {
    keys = createLocalJWKSet(JSON.parse(jwks) as JSONWebKeySet);
  } catch (error) {
    throw within('parsing provided jwks', error);
  }
  const claims = readClaims(token);
  await compactVerify(token, keys).catch((error: unknown) => {
    const isUnknown = error instanceof errors.JWKSNoMatchingKey;
    const why = isUnknown ? 'unsupported key type/format' : 'error in cryptographic primitive';
    throw within('validating jwt signature', `go-jose/go-jose: ${why}`);
  });
  const invalid = (why: string): Fault =>
    within('validating jwt claims', `go-jose/go-jose/jwt: validation failed, ${why}`);
  if (!claims.aud.includes(clusterName)) throw invalid('invalid audience claim (aud)');
  if (claims.exp !== undefined && (claims.exp + 10) * 1000 < now) throw invalid('token is expired (exp)');
  if (claims.iat !== undefined && (claims.iat - 10) * 1000 > now)
    throw invalid('token issued in the future (iat)');
  return checkBinding(claims, 'static_jwks');
}

function checkBinding({ sub, pod, exp, iat }: Claims, type: 'oidc' | 'static_jwks'): Verified {
  const requires = `${type} joining requires the use of`;
  // Teleport leaves out the article in one of the two.
  const article = type === 'oidc' ? ' a' : '';
  if (pod === '') throw new Fault(`${requires}${article} projected pod bound service account token`);
  if (exp === undefined) throw new Fault(`${requires} a service account token with \`exp\``);
  if (iat === undefined) throw new Fault(`${requires} a service account token with \`iat\``);
  if (exp - iat > MOST_SECONDS)
    throw new Fault(`${requires} a service account token with a TTL of less than 30m0s`);
  return { subject: sub, pod };
}

function readClaims(token: string): Claims {
  try {
    const { iss = '', sub = '', aud = [], exp, iat, azp, ...rest } = decodeJwt<{ azp?: string }>(token);
    const bound = rest['kubernetes.io'] as { pod?: { name?: string } } | undefined;
    return { iss, sub, aud: [aud].flat(), exp, iat, azp, pod: bound?.pod?.name ?? '' };
  } catch (error) {
    throw within('parsing jwt', error);
  }
}
