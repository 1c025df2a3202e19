import { describe, expect, it } from 'vitest';
import { createGrants } from '../../src/grants/grants.ts';
import { resolveOutput, type GrantedOutput } from '../../src/grants/output.ts';
import { bot, platform } from './platform.ts';

const namespace = { name: 'team-a', labels: { 'tbot-injector.io/injection': 'enabled' } };

function resolved(settings: unknown, injection?: unknown): GrantedOutput | undefined {
  const config = platform({ b: bot({ names: ['team-a'] }, { o: settings }) }, injection);
  return createGrants(config)(namespace).get('o');
}

describe('a resolved output', () => {
  it('has defaults from its name and its type', () => {
    expect(resolved({ tbot: { type: 'ssh_host', principals: ['h'] } })).toEqual({
      name: 'o',
      bot: 'b',
      secretName: 'tbot-o',
      volumeName: 'tbot-output-o',
      mountPath: '/var/run/teleport/o',
      requiredKeys: ['ssh_host', 'ssh_host-cert.pub', 'ssh_host-user-ca.pub'],
      optionalKeys: [],
      defaultMode: undefined,
      holdsPrivateKey: true,
      env: [],
    });
  });

  it('has the configured settings instead of defaults', () => {
    const settings = {
      secretName: 's',
      mountPath: '/x//y/',
      requiredKeys: ['jwt_svid', 'new'],
      defaultMode: 0o400,
    };
    const tbot = { type: 'workload-identity-jwt', selector: { name: 'w' }, audiences: ['x'] };
    expect(resolved({ ...settings, tbot })).toMatchObject({
      secretName: 's',
      mountPath: '/x/y',
      requiredKeys: ['jwt_svid', 'new'],
      optionalKeys: [],
      defaultMode: 0o400,
      holdsPrivateKey: false,
    });
  });

  it('has its mount path below the mount root', () => {
    const tbot = { type: 'identity' };
    expect(resolved({ tbot }, { mountRoot: '/creds/' })).toMatchObject({ mountPath: '/creds/o' });
  });

  it('has the keys that are not required as optional ones', () => {
    const tbot = { type: 'workload-identity-x509', selector: { name: 'w' } };
    expect(resolved({ tbot })).toMatchObject({
      requiredKeys: ['svid.pem', 'svid_key.pem', 'svid_bundle.pem'],
      optionalKeys: ['svid_crl.pem'],
    });
    expect(resolved({ tbot, requiredKeys: ['svid_crl.pem', 'svid.pem'] })).toMatchObject({
      requiredKeys: ['svid_crl.pem', 'svid.pem'],
      optionalKeys: ['svid_key.pem', 'svid_bundle.pem'],
    });
  });

  it.each<[string, unknown, boolean | undefined, unknown[]]>([
    ['Teleport tools', { type: 'identity' }, undefined, ['TELEPORT_PROXY', 'TELEPORT_IDENTITY_FILE']],
    ['Teleport tools', { type: 'kubernetes', kubernetes_cluster: 'k' }, undefined, []],
    ['all', { type: 'kubernetes', kubernetes_cluster: 'k' }, true, ['KUBECONFIG']],
    ['all', { type: 'identity' }, true, ['TELEPORT_PROXY', 'TELEPORT_IDENTITY_FILE']],
    ['none', { type: 'identity' }, false, []],
  ])('has the variables of %s: %j, env %s', (_, tbot, env, names) => {
    const output = resolved({ tbot, ...(env === undefined ? {} : { env }) });
    expect(output?.env.map(({ name }) => name)).toEqual(names);
  });

  it('has the address of the proxy as text, and files by name', () => {
    expect(resolved({ tbot: { type: 'identity' } })?.env).toEqual([
      { name: 'TELEPORT_PROXY', value: { text: 'e:443' } },
      { name: 'TELEPORT_IDENTITY_FILE', value: { file: 'identity' } },
    ]);
  });
});

it('an unknown type throws, for loadConfig refuses it', () => {
  expect(() => resolveOutput(platform({}), 'b', 'o', { tbot: { type: 'none' } })).toThrow(
    'output o has an unknown type; loadConfig should have refused it',
  );
});
