import { describe, expect, it } from 'vitest';
import { problemsOf, warningsOf, configText } from './config-text.ts';

describe('the release of tbot', () => {
  const expected =
    'a release such as 18.8.1, at least 18.1.7 (the first that writes Secrets of other namespaces)';

  it.each(['18.1.7', '18.8.1', '19.0.0-rc.1', '20.0.0'])('%s is valid', (version) => {
    expect(problemsOf(configText({ 'tbot.version': version }))).toEqual([]);
  });

  it.each([
    ['18.1.6', 'write the release that your Teleport cluster supports'],
    ['17.9.9', 'write the release that your Teleport cluster supports'],
    ['18', 'write the release that your Teleport cluster supports'],
    ['latest', 'write the release that your Teleport cluster supports'],
    ['', 'write the release that your Teleport cluster supports'],
    ['v18.8.1', 'write "18.8.1", without "v"'],
  ])('%j is too old or invalid', (version, fix) => {
    expect(problemsOf(configText({ 'tbot.version': version }))).toEqual([
      `tbot.version: found "${version}"; expected ${expected}. Fix: ${fix}`,
    ]);
  });
});

describe('the mount root', () => {
  it.each(['/x', '/var/run/teleport/', '/a//b'])('%s is valid', (root) => {
    expect(problemsOf(configText({ 'injection.mountRoot': root }))).toEqual([]);
  });

  it.each([
    ['x', 'an absolute path, starting with "/"'],
    ['/', 'a folder below "/"'],
    ['/proc/x', 'a path outside /proc, /sys, /dev'],
    ['/var/run', 'a path that does not cover /var/run/secrets/kubernetes.io/serviceaccount'],
  ])('%s is invalid', (root, expected) => {
    expect(problemsOf(configText({ 'injection.mountRoot': root }))).toEqual([
      `injection.mountRoot: found "${root}"; expected ${expected}. Fix: correct mountRoot`,
    ]);
  });
});

it('the mount root leaves space for the longest name of an output', () => {
  const root = '/a'.repeat(2021);
  expect(problemsOf(configText({ 'injection.mountRoot': `${root}b` }))).toEqual([]);
  expect(problemsOf(configText({ 'injection.mountRoot': `${root}bc` }))).toEqual([
    `injection.mountRoot: found "${root.slice(0, 120)}"... (4044 characters); expected a path of at most 4095 bytes. Fix: correct mountRoot`,
  ]);
});

describe('a bot', () => {
  it('has at least one output', () => {
    expect(problemsOf(configText({ 'bots.a.outputs': {} }))).toEqual([
      'bots.a.outputs: found none; expected at least one output. Fix: add one, or remove the bot',
    ]);
  });

  it('sets no fields of tbot that the controller writes', () => {
    expect(problemsOf(configText({ 'bots.a.tbot.onboarding': {} }))).toEqual([
      'bots.a.tbot.onboarding: found {}; expected no onboarding here. Fix: remove it and set join',
    ]);
  });

  it.each([
    ['join.token', '$(NAMESPACE)-bot', '$(NAMESPACE)'],
    ['tbot.log', '$(POD)', '$(POD)'],
  ])('serves all namespaces, so it has no placeholder in %s', (path, value, found) => {
    expect(problemsOf(configText({ [`bots.a.${path}`]: value }))).toEqual([
      `bots.a.${path}: found ${found}; expected no placeholder here. Fix: write the value itself`,
    ]);
  });

  it('may set a field that only a later tbot knows', () => {
    expect(warningsOf(configText({ 'bots.a.tbot.field_of_tomorrow': 1 }))).toHaveLength(1);
  });
});
