import { printGoDuration } from './go-duration.ts';
import { goDuration } from './go-types.ts';

export const LIFETIME_FIELDS = { credential_ttl: goDuration, renewal_interval: goDuration };

/** In milliseconds; 0 or undefined: not set. */
export interface Lifetime {
  readonly credential_ttl?: number | undefined;
  readonly renewal_interval?: number | undefined;
}

const DAY_MS = 86_400_000;

/** `wrong` ends the start everywhere; `unwise` ends it for a service, and is a warning for the bot. */
export type LifetimeFault = { readonly kind: 'wrong' | 'unwise'; readonly message: string };

export function checkLifetime(
  lifetime: Lifetime,
  { bounded }: { bounded: boolean },
): LifetimeFault | undefined {
  const { credential_ttl: ttl = 0, renewal_interval: renewal = 0 } = lifetime;
  const wrong = (message: string): LifetimeFault => ({ kind: 'wrong', message });
  if (ttl === 0 && renewal === 0) return undefined;
  if (ttl === 0 || renewal === 0)
    return wrong('credential_ttl and renewal_interval must both be specified if either is');
  if (ttl < 0) return wrong('credential_ttl must be positive');
  if (renewal < 0) return wrong('renewal_interval must be positive');
  if (ttl < renewal) {
    const details = `ttl=${printGoDuration(ttl)}, interval=${printGoDuration(renewal)}`;
    return { kind: 'unwise', message: `Credential TTL is shorter than the renewal interval (${details})` };
  }
  if (!bounded || ttl <= DAY_MS) return undefined;
  const details = `requested_ttl=${printGoDuration(ttl)}, maximum_ttl=${printGoDuration(DAY_MS)}`;
  return {
    kind: 'unwise',
    message: `Requested certificate TTL exceeds the maximum TTL allowed (${details})`,
  };
}
