import { describe, expect, it } from 'vitest';
import { readAddress, readFlags } from './flags.ts';

describe('the flags of tbot', () => {
  it('are those with which the chart starts it', () => {
    const argv = ['start', '--config=/config/tbot.yaml', '--diag-addr=0.0.0.0:3001', '--fips'];
    expect(readFlags(argv, {})).toMatchObject({
      command: 'start',
      config: '/config/tbot.yaml',
      diagAddr: '0.0.0.0:3001',
      everyMs: undefined,
    });
  });

  it('may be short, and their order is free', () => {
    expect(readFlags(['-c', 'x', 'start', '-d'], {})).toMatchObject({ command: 'start', config: 'x' });
  });

  it('of the player come from the environment as well', () => {
    const env = {
      PLAYER_AUTH_SERVICE: 'a',
      PLAYER_ISSUER_CA: 'b',
      PLAYER_EVERY: '2s',
      PLAYER_CLIENT_VERSION: '17.0.0',
    };
    const expected = { authService: 'a', issuerCa: 'b', everyMs: 2_000, clientVersion: '17.0.0' };
    expect(readFlags(['start'], env)).toMatchObject(expected);
    expect(readFlags(['start', '--player-every', '1m'], env)).toMatchObject({ ...expected, everyMs: 60_000 });
  });

  it.each([
    ['that are unknown', ['start', '--x'], 'Unknown option'],
    ['of a duration that is none', ['start', '--player-every', '2'], 'is no duration'],
  ])('%s are refused', (_, argv, sentence) => {
    expect(() => readFlags(argv, {})).toThrow(sentence);
  });

  it.each([
    ['0.0.0.0:3001', '0.0.0.0', 3001],
    [':3001', '0.0.0.0', 3001],
    ['[::]:0', '::', 0],
  ])('have the address %s', (address, host, port) => {
    expect(readAddress(address)).toEqual({ host, port });
  });

  it('want a port in an address', () => {
    expect(() => readAddress('localhost')).toThrow('missing port in address');
  });
});
