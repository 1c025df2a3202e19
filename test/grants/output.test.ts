import { describe, expect, it } from 'vitest';
import { createGrants } from '../../src/grants/grants.ts';
import { resolveOutput, type GrantedOutput } from '../../src/grants/output.ts';
import { bot, platform } from './platform.ts';

const namespace = { name: 'team-a', labels: { 'tbot-injector.io/injection': 'enabled' } };

function resolved(settings: unknown, injection?: unknown): GrantedOutput | undefined {
  const config = platform({ b: bot({ names: ['team-a'] }, { o: settings }) }, injection);
  return createGrants(config)(namespace).get('o');
}

describe('an output as a consumer meets it', () => {
  it('has the defaults of its name and its type', () => {
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

  it("has the platform's own settings before them", () => {
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

  it('lies under the folder of the platform', () => {
    const tbot = { type: 'identity' };
    expect(resolved({ tbot }, { mountRoot: '/creds/' })).toMatchObject({ mountPath: '/creds/o' });
  });

  it('waits for the required keys alone; the others come as they come', () => {
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
    ['Teleport alone', { type: 'identity' }, undefined, ['TELEPORT_PROXY', 'TELEPORT_IDENTITY_FILE']],
    ['Teleport alone', { type: 'kubernetes', kubernetes_cluster: 'k' }, undefined, []],
    ['all', { type: 'kubernetes', kubernetes_cluster: 'k' }, true, ['KUBECONFIG']],
    ['all', { type: 'identity' }, true, ['TELEPORT_PROXY', 'TELEPORT_IDENTITY_FILE']],
    ['none', { type: 'identity' }, false, []],
  ])('offers the variables of %s: %j, env %s', (_, tbot, env, names) => {
    const output = resolved({ tbot, ...(env === undefined ? {} : { env }) });
    expect(output?.env.map(({ name }) => name)).toEqual(names);
  });

  it('offers the address of the proxy as it is, and files by their name', () => {
    expect(resolved({ tbot: { type: 'identity' } })?.env).toEqual([
      { name: 'TELEPORT_PROXY', value: { text: 'e:443' } },
      { name: 'TELEPORT_IDENTITY_FILE', value: { file: 'identity' } },
    ]);
  });
});

it('a type that no check has passed is a bug', () => {
  expect(() => resolveOutput(platform({}), 'b', 'o', { tbot: { type: 'none' } })).toThrow(
    'output o has an unknown type; loadConfig should have refused it',
  );
});
