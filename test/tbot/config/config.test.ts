import { describe, expect, it } from 'vitest';
import { configText, SECRET } from './config-text.ts';
import { readConfig } from './config.ts';

const without = (text: string): string => configText([]).replace(text, '');

describe('tbot.yaml', () => {
  it.each([
    ['nothing', '', 'failed parsing config file version: EOF'],
    ['no YAML', 'a: [', 'failed parsing config file version: yaml: line'],
    ['an old version', configText([]).replace('v2', 'v1'), 'unrecognized config version "v1"'],
    ['a version to come', configText([]).replace('v2', 'v3'), 'unrecognized config version "v3"'],
    ['no list of services', 'version: v2\nservices: x', 'cannot unmarshal !!str into config.ServiceConfigs'],
    [
      'a join method that is none',
      configText([]).replace('kubernetes,', 'k8s,'),
      'unrecognized join method: "k8s"',
    ],
    ['no address of Teleport', without('proxy_server: example.teleport.sh:443'), 'proxy_server'],
    ['two addresses', configText([], 'auth_server: a:1'), 'mutually exclusive'],
    [
      'a storage that is none',
      configText([]).replace('type: memory', 'type: disk'),
      'unrecognized destination type (disk)',
    ],
    ['a TTL below nothing', configText([], 'credential_ttl: -1h'), 'credential_ttl must be positive'],
    ['an anchor that is none', configText([], 'debug: *x'), 'failed parsing config file'],
  ])('of %s ends the start', (_, text, sentence) => {
    expect(() => readConfig(text)).toThrow(sentence);
  });

  it('has an hour and twenty minutes by default', () => {
    expect(readConfig(configText([]))).toMatchObject({
      ttlMs: 3_600_000,
      renewalMs: 1_200_000,
      warnings: [],
    });
  });

  it.each([
    ['a TTL beyond a day', 'credential_ttl: 48h', 'exceeds the maximum TTL allowed'],
    ['a TTL that ends before its renewal', 'credential_ttl: 10m', 'shorter than the renewal interval'],
  ])('with %s for the whole bot is only warned of', (_, top, warning) => {
    expect(readConfig(configText([], top)).warnings).toEqual([expect.stringContaining(warning)]);
  });

  it('warns of one Secret name in two namespaces, and takes it', () => {
    const other = `{type: identity, destination: ${SECRET.replace('team', 'other')}}`;
    const { services, warnings } = readConfig(configText([other]));
    expect(services).toHaveLength(2);
    expect(warnings).toEqual(['Identical destinations used within config path:kubernetes-secret://tbot-x']);
  });

  it('has the deprecated list of outputs behind its services', () => {
    const text = configText([], `outputs:\n  - {type: application, destination: ${SECRET}}`);
    expect(() => readConfig(text)).toThrow(/^validating service\[1\]/);
  });

  it('may say what several services share by an anchor', () => {
    const text = configText([
      `{type: identity, destination: &d ${SECRET}}`,
      '{type: identity, destination: *d}',
    ]);
    expect(readConfig(text).services[2]?.destination).toMatchObject({ name: 'tbot-x' });
  });
});
