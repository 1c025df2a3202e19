import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose';

export const CLUSTER = 'example.teleport.sh';
export const SUBJECT = 'system:serviceaccount:tbot-system:tbot-injector-bot-shared';

/** An API server as an issuer of tokens: its keys, and what it signs. */
export interface Issuer {
  readonly jwks: JSONWebKeySet;
  /** A token as the kubelet projects it for a pod, but for these claims; undefined leaves one out. */
  token(claims?: Readonly<Record<string, unknown>>, alg?: string): Promise<string>;
}

export async function createIssuer(url: string, kid = 'one'): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }] },
    token: (claims = {}, alg = 'RS256') => {
      const now = Math.floor(Date.now() / 1000);
      const payload: JWTPayload = {
        iss: url,
        sub: SUBJECT,
        aud: [CLUSTER],
        iat: now,
        exp: now + 600,
        'kubernetes.io': { namespace: 'tbot-system', pod: { name: 'tbot-0', uid: 'u' } },
        ...claims,
      };
      const key = alg === 'HS256' ? new TextEncoder().encode('x'.repeat(32)) : privateKey;
      return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
    },
  };
}
