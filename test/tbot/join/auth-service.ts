import { parseAllDocuments } from 'yaml';
import { Fault, within } from '../fault.ts';
import { readProvisionToken, type ProvisionToken } from './provision-token.ts';
import { verifyOidc, verifyStaticJwks, type FetchJson, type Verified } from './verify.ts';

/** What the player knows of a Teleport cluster: its name, and the join tokens that `tctl create` would take. */
export interface AuthService {
  readonly clusterName: string;
  /** Of the player's own: Teleport has no resource for it. */
  readonly minClientVersion: string | undefined;
  readonly tokens: ReadonlyMap<string, ProvisionToken>;
}

export interface JoinRequest {
  readonly token: string;
  readonly joinMethod: string;
  readonly clientVersion: string;
  /** Of the service account, as it was projected. */
  readonly idToken: string;
}

export interface JoinSurroundings {
  readonly now: number;
  readonly fetchJson: FetchJson;
}

interface Resource {
  readonly kind?: string;
  readonly spec?: { readonly cluster_name?: string; readonly min_client_version?: string };
}

/**
 * Reads documents of `kind: cluster_name` and `kind: token`; others, such as bots and roles, are passed over.
 * @throws {Fault} in the words with which `tctl create` refuses a token
 */
export function readAuthService(text: string): AuthService {
  const resources = parseAllDocuments(text).map((document) => document.toJS() as Resource | null);
  const cluster = resources.find((each) => each?.kind === 'cluster_name')?.spec;
  if (cluster?.cluster_name === undefined)
    throw new Fault('the player needs a document of kind cluster_name with spec.cluster_name');
  const tokens = resources.filter((each) => each?.kind === 'token').map(readProvisionToken);
  return {
    clusterName: cluster.cluster_name,
    minClientVersion: cluster.min_client_version,
    tokens: new Map(tokens.map((token) => [token.name, token])),
  };
}

/** @throws {Fault} with what Teleport answers; the checks are in its order. */
export async function join(
  auth: AuthService,
  request: JoinRequest,
  surroundings: JoinSurroundings,
): Promise<Verified> {
  const { minClientVersion: oldest } = auth;
  if (oldest !== undefined && isOlder(request.clientVersion, oldest))
    throw new Fault(`client version is unsupported, minimum supported version is ${oldest}`);
  const token = auth.tokens.get(request.token);
  if (token === undefined || (token.expires !== undefined && token.expires <= surroundings.now))
    throw new Fault('token expired or not found');
  if (token.joinMethod !== request.joinMethod) {
    const only = `provision token only supports method ${token.joinMethod}`;
    throw new Fault(`client requested join method ${request.joinMethod}, ${only}`);
  }
  if (!token.roles.includes('Bot'))
    throw new Fault('can not join the cluster, the token does not allow role Bot');
  const verified = await verify(token, auth.clusterName, request.idToken, surroundings);
  if (!token.allows(verified.subject)) throw new Fault('kubernetes token did not match any allow rules');
  return verified;
}

async function verify(
  { kubernetes }: ProvisionToken,
  clusterName: string,
  idToken: string,
  { now, fetchJson }: JoinSurroundings,
): Promise<Verified> {
  try {
    if (kubernetes?.type === 'oidc')
      return await verifyOidc(idToken, { issuer: kubernetes.issuer, clusterName, now, fetchJson });
    if (kubernetes?.type === 'static_jwks')
      return await verifyStaticJwks(idToken, { jwks: kubernetes.jwks, clusterName, now });
  } catch (error) {
    throw within(`reviewing kubernetes token with ${kubernetes?.type ?? ''}`, error);
  }
  throw new Fault('the player verifies join tokens of type oidc and static_jwks alone');
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, undefined, { numeric: true }) < 0;
}
