import { describe, expect, it } from 'vitest';
import { problemsOf, warningsOf, configText } from './config-text.ts';

const ONE = 'bots.a.outputs.one';
const identity = { tbot: { type: 'identity' } };

function bot(outputs: unknown): unknown {
  return { join: { method: 'iam', token: 't' }, namespaces: { names: ['n'] }, outputs };
}

describe('an output has a unique name', () => {
  it('among all bots', () => {
    expect(problemsOf(configText({ 'bots.b': bot({ one: { ...identity, secretName: 'other' } }) }))).toEqual([
      `bots.b.outputs.one: found output name "one", which ${ONE} has too; expected its own output name. Fix: choose another output name`,
    ]);
  });
});

describe('an output has a unique Secret', () => {
  const duplicate = (where: string, name: string, other = ONE): string =>
    `${where}: found secretName "${name}", which ${other} has too; expected its own secretName. Fix: choose another secretName`;

  it.each([
    ['by the same name', { two: { ...identity, secretName: 'one' } }, 'two', 'one'],
    [
      'by its default name',
      { 'one-two': identity, three: { ...identity, secretName: 'tbot-one-two' } },
      'three',
      'tbot-one-two',
    ],
  ])('not one of another output %s', (_, outputs, name, secret) => {
    const others = { one: { ...identity, secretName: 'one' }, ...outputs };
    const other = secret === 'one' ? ONE : 'bots.a.outputs.one-two';
    expect(problemsOf(configText({ 'bots.a.outputs': others }))).toEqual([
      duplicate(`bots.a.outputs.${name}`, secret, other),
    ]);
  });

  it('not one of another bot, where null means the default', () => {
    const others = bot({ two: { ...identity, secretName: 'one' }, three: { ...identity, secretName: null } });
    expect(problemsOf(configText({ 'bots.b': others }))).toEqual([
      'bots.b.outputs.three.secretName: found nothing; expected the name of a Kubernetes object. Fix: add secretName',
      duplicate('bots.b.outputs.two', 'one'),
    ]);
  });

  it('and is compared only where the name is a string', () => {
    const others = { ...identity, secretName: 7 };
    expect(
      problemsOf(configText({ 'bots.a.outputs.two': others, 'bots.a.outputs.three': others })),
    ).toHaveLength(2);
  });
});

describe('an output of tbot', () => {
  it('is checked with the configured release', () => {
    const tbot = { type: 'kubernetes/v2', selectors: [{ name: 'k' }], relay_server: 'r' };
    const changes = { [`${ONE}.tbot`]: tbot, [`${ONE}.requiredKeys`]: undefined };
    expect(problemsOf(configText({ ...changes, 'tbot.version': '18.4.9' }))).toEqual([
      `${ONE}.tbot.relay_server: found tbot.version 18.4.9; expected tbot 18.5.0 or newer, the first that knows relay_server. Fix: raise tbot.version, or remove relay_server`,
    ]);
    expect(problemsOf(configText({ ...changes, 'tbot.version': 18.4 }))).toHaveLength(1);
  });

  it('has no placeholder but the namespace', () => {
    expect(problemsOf(configText({ [`${ONE}.tbot.cluster`]: '$(NAMESPACE)-$(CLUSTER)' }))).toEqual([
      `${ONE}.tbot.cluster: found $(CLUSTER); expected $(NAMESPACE). Fix: write the value itself`,
    ]);
  });

  it('has no placeholder in a key', () => {
    const tbot = { type: 'kubernetes/v2', selectors: [{ labels: { '$(NAMESPACE)': 'x' } }] };
    expect(problemsOf(configText({ [`${ONE}.tbot`]: tbot, [`${ONE}.requiredKeys`]: undefined }))).toEqual([
      `${ONE}.tbot.selectors.0.labels.$(NAMESPACE): found $(NAMESPACE); expected no placeholder here. Fix: write the value itself`,
    ]);
  });

  it('warns of unknown fields', () => {
    expect(warningsOf(configText({ [`${ONE}.tbot.clustr`]: 'x' }))).toEqual([
      `${ONE}.tbot.clustr: found a field that is not known here, passed to tbot as it is; expected ssh_config, allow_reissue or cluster. Fix: write cluster if that was meant`,
    ]);
  });
});

describe('required keys', () => {
  it('that are never written have a warning', () => {
    const keys = ['identity', 'identiy', 'tls.crt'];
    const known = 'svid.pem, svid_key.pem, svid_bundle.pem or svid_crl.pem';
    const text = configText({
      [`${ONE}.tbot`]: { type: 'workload-identity-x509', selector: { name: 'w' } },
      [`${ONE}.requiredKeys`]: ['svid.pem', 'svid.pen', 'svid_crl.pem'],
    });
    expect(warningsOf(text)).toEqual([
      `${ONE}.requiredKeys[1]: found "svid.pen", which workload-identity-x509 is not known to write: pods would wait for it; expected ${known}. Fix: check the spelling`,
    ]);
    expect(warningsOf(configText({ [`${ONE}.requiredKeys`]: keys }))).toHaveLength(2);
  });

  it('are not checked where the type is unknown or they are not strings', () => {
    const unknown = { [`${ONE}.tbot.type`]: 'identty', [`${ONE}.requiredKeys`]: ['x'] };
    expect(warningsOf(configText(unknown))).toEqual([]);
    expect(warningsOf(configText({ [`${ONE}.requiredKeys`]: [7] }))).toEqual([]);
  });
});

it('the mount path of an output is valid', () => {
  expect(problemsOf(configText({ [`${ONE}.mountPath`]: '/a/../b' }))).toEqual([
    `${ONE}.mountPath: found "/a/../b"; expected a path without "..". Fix: correct mountPath`,
  ]);
});

it('the mount path of an output has no placeholder', () => {
  expect(problemsOf(configText({ [`${ONE}.mountPath`]: '/creds/$(NAMESPACE)' }))).toEqual([
    `${ONE}.mountPath: found $(NAMESPACE); expected no placeholder here. Fix: write the value itself`,
  ]);
});
