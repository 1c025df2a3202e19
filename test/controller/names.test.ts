import { describe, expect, it } from 'vitest';
import { namesOfRelease, tbotUrl } from '../../src/controller/names.ts';

describe('the Service of a tbot', () => {
  it('has the name of its Deployment', () => {
    const names = namesOfRelease('tbot-injector');
    expect(names.diagnostics('payments', 1)).toBe(names.shard('payments', 1));
  });

  // charts/tbot-injector/tests/tbot_service_test.yaml has the same names.
  it('has a name with a hash where that would be too long', () => {
    const names = namesOfRelease('a-release-whose-name-is-as-long-as-helm-lets-it-be');
    const service = names.diagnostics('a-bot-whose-name-is-as-long-as-it-may-be', 0);
    expect(service).toBe('a-release-whose-name-is-as-long-as-helm-lets-it-be-bot-1c591f3e');
    expect(service).toHaveLength(63);
    expect(names.diagnostics('a-bot-whose-name-is-as-long-as-it-may-be', 1)).not.toBe(service);
  });

  it('does not end in a dash where it was cut', () => {
    const names = namesOfRelease('a-release-whose-name-is-as-long-as-helm-lets-it-be');
    expect(names.diagnostics('b', 0)).toBe('a-release-whose-name-is-as-long-as-helm-lets-it-be-bot-b-0');
    const longer = namesOfRelease('b'.repeat(47)).diagnostics('x--yyyyyyyyyyyyy', 0);
    expect(longer).toMatch(/^b{47}-bot-x-[0-9a-f]{8}$/);
  });

  it('is found in its namespace', () => {
    expect(tbotUrl('a-bot-b-0', 'tbot-system')).toBe('http://a-bot-b-0.tbot-system.svc:3001');
  });
});
