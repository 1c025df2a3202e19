import { parseArgs } from 'node:util';
import { parseGoDuration } from './config/go-duration.ts';
import { Fault } from './fault.ts';

/** What tbot itself takes, and what the player takes besides. */
export interface Flags {
  readonly command: string;
  readonly config: string | undefined;
  readonly diagAddr: string | undefined;
  readonly logFormat: 'text' | 'json';
  readonly oneshot: boolean;
  /** Of `wait`. */
  readonly service: string | undefined;
  readonly timeoutMs: number | undefined;
  /** A file with what Teleport knows. */
  readonly authService: string | undefined;
  readonly issuerCa: string | undefined;
  readonly everyMs: number | undefined;
  readonly clientVersion: string;
}

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'diag-addr': { type: 'string' },
  'log-format': { type: 'string' },
  oneshot: { type: 'boolean' },
  debug: { type: 'boolean', short: 'd' },
  fips: { type: 'boolean' },
  insecure: { type: 'boolean' },
  service: { type: 'string' },
  timeout: { type: 'string' },
  'player-auth-service': { type: 'string' },
  'player-issuer-ca': { type: 'string' },
  'player-every': { type: 'string' },
  'player-client-version': { type: 'string' },
} as const;

/**
 * The chart's flags of tbot are given; the player's own have an environment variable each, since a chart can set those:
 * `--player-every 2s` is PLAYER_EVERY=2s.
 * @throws {Fault} for a flag that neither knows
 */
export function readFlags(argv: readonly string[], env: NodeJS.ProcessEnv): Flags {
  const { values, positionals } = parse(argv);
  const own = (name: 'auth-service' | 'issuer-ca' | 'every' | 'client-version'): string | undefined =>
    values[`player-${name}`] ?? env[`PLAYER_${name.toUpperCase().replace('-', '_')}`];
  return {
    command: positionals.join(' '),
    config: values.config ?? env['TBOT_CONFIG_PATH'],
    diagAddr: values['diag-addr'],
    logFormat: values['log-format'] === 'json' ? 'json' : 'text',
    oneshot: values.oneshot ?? false,
    service: values.service,
    timeoutMs: duration('timeout', values.timeout),
    authService: own('auth-service'),
    issuerCa: own('issuer-ca'),
    everyMs: duration('player-every', own('every')),
    clientVersion: own('client-version') ?? '18.8.1',
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Fault((error as Error).message, { cause: error });
  }
}

function duration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseGoDuration(text);
  if (ms === undefined || ms <= 0) throw new Fault(`--${name}: "${text}" is no duration such as 2s`);
  return ms;
}

/** `0.0.0.0:3001`, as Go's listeners take it; an empty host is all of them. */
export function readAddress(address: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  if (port === '') throw new Fault(`listen tcp: address ${address}: missing port in address`);
  return { host: host === '' ? '0.0.0.0' : host, port: Number(port) };
}
