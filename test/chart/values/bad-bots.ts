import { RELEASE } from './bad-shapes.ts';
import type { BadValues } from './bad-values.ts';
import { payments, withOutput } from './bot.ts';

const identity = { type: 'identity' };
const OUTPUT = 'bots.payments.outputs.db';
/** Of 128 characters, which are 256 bytes. */
const LONG = `/${'é'.repeat(128)}`;
const DEEP = `/${'a'.repeat(99)}`.repeat(40) + `/${'a'.repeat(50)}`;

function withFields(tbot: object): object {
  return { bots: { payments: { ...payments, tbot } } };
}

/** Each is refused by the program as well, in the same words. */
export const BAD_BOTS: readonly BadValues[] = [
  ...['18.1.6', '17.9.9', '18.1.6-rc.1'].map((version) => ({
    title: `tbot ${version}`,
    values: { tbot: { version } },
    problems: [
      `tbot.version: found "${version}"; expected a release such as 18.8.1, at least 18.1.7 (the first that writes Secrets of other namespaces). Fix: write the release that your Teleport cluster supports`,
    ],
    schema: [`at '/tbot/version': value must be '${RELEASE}'`],
  })),
  ...[
    ['x', 'an absolute path, starting with "/"'],
    ['/', 'a folder below "/"'],
    ['/a:b', 'a path without ":" and control characters'],
    ['/var/run', 'a path that does not cover /var/run/secrets/kubernetes.io/serviceaccount'],
    [`/${'a'.repeat(130)}/../b`, 'a path without ".."'],
  ].map(([mountRoot = '', expected = '']) => ({
    title: `the root ${mountRoot.slice(0, 20)}`,
    values: { injection: { mountRoot } },
    problems: [
      `injection.mountRoot: found ${quoted(mountRoot)}; expected ${expected}. Fix: correct mountRoot`,
    ],
    schema: true as const,
  })),
  ...[
    ['/dev/../proc/x', 'a path without ".."'],
    ['//proc//self', 'a path outside /proc, /sys, /dev'],
    ['/var/./run/secrets', 'a path that does not cover /var/run/secrets/kubernetes.io/serviceaccount'],
    ['/a /b', 'a path whose parts neither start nor end with a space'],
  ].map(([mountPath = '', expected = '']) => ({
    title: `the path ${mountPath.slice(0, 20)}`,
    values: withOutput(identity, { mountPath }),
    problems: [
      `${OUTPUT}.mountPath: found ${quoted(mountPath)}; expected ${expected}. Fix: correct mountPath`,
    ],
    schema: true as const,
  })),
  {
    title: 'a path with a part that has too many bytes',
    values: withOutput(identity, { mountPath: LONG }),
    problems: [
      `${OUTPUT}.mountPath: found ${quoted(LONG)}; expected a path whose parts have at most 255 bytes. Fix: correct mountPath`,
    ],
  },
  {
    title: 'a root that leaves no room for the names of outputs',
    values: { injection: { mountRoot: DEEP } },
    problems: [
      `injection.mountRoot: found ${quoted(DEEP)}; expected a path of at most 4095 bytes. Fix: correct mountRoot`,
    ],
  },
  {
    title: 'a placeholder in a path, which is the same in all namespaces',
    values: withOutput(identity, { mountPath: '/x/$(NAMESPACE)' }),
    problems: [
      `${OUTPUT}.mountPath: found $(NAMESPACE); expected no placeholder here. Fix: write the value itself`,
    ],
    schema: true,
  },
  {
    title: 'placeholders that would reach tbot',
    values: withOutput({
      type: 'kubernetes/v2',
      selectors: [{ labels: { '$(NAMESPACE)': '$(NAMESPACE)', app: '$(CLUSTER)' } }],
    }),
    problems: [
      `${OUTPUT}.tbot.selectors.0.labels.$(NAMESPACE): found $(NAMESPACE); expected no placeholder here. Fix: write the value itself`,
      `${OUTPUT}.tbot.selectors.0.labels.app: found $(CLUSTER); expected $(NAMESPACE). Fix: write the value itself`,
    ],
    schema: [
      "at '/bots/payments/outputs/db/tbot/selectors/0/labels/$(NAMESPACE)': value must be 'no placeholder here. Fix: write the value itself'",
      "at '/bots/payments/outputs/db/tbot/selectors/0/labels/app': value must be 'no placeholder but $(NAMESPACE). Fix: write the value itself'",
    ],
  },
  {
    title: 'a token per namespace',
    values: { bots: { payments: { ...payments, join: { method: 'iam', token: '$(NAMESPACE)-bot' } } } },
    problems: [
      'bots.payments.join.token: found $(NAMESPACE); expected no placeholder here. Fix: write the value itself',
    ],
    schema: true,
  },
  {
    title: 'a credential that lives too long',
    values: withFields({ credential_ttl: '24h0.5s' }),
    problems: [
      'bots.payments.tbot.credential_ttl: found "24h0.5s"; expected a duration above 0 and at most 24h, such as 1h. Fix: correct credential_ttl',
    ],
  },
  {
    title: 'a renewal that never comes',
    values: withFields({ renewal_interval: '0s' }),
    problems: [
      'bots.payments.tbot.renewal_interval: found "0s"; expected a duration above 0, such as 20m. Fix: correct renewal_interval',
    ],
  },
  {
    title: 'a renewal that comes too late',
    values: withFields({ credential_ttl: '30m', renewal_interval: '30m' }),
    problems: [
      'bots.payments.tbot.renewal_interval: found "30m"; expected a duration (default 20m) shorter than credential_ttl (default 1h). Fix: correct renewal_interval',
    ],
  },
  {
    title: 'a credential shorter than the usual renewal',
    values: withFields({ credential_ttl: '1200000ms' }),
    problems: [
      'bots.payments.tbot.renewal_interval: found nothing; expected a duration (default 20m) shorter than credential_ttl (default 1h). Fix: add a renewal_interval, such as a third of credential_ttl',
    ],
  },
  {
    title: 'one Secret of two bots, one of them by default',
    values: {
      bots: {
        payments,
        search: { ...payments, outputs: { search: { secretName: 'tbot-payments-id', tbot: identity } } },
      },
    },
    problems: [
      'bots.search.outputs.search: found secretName "tbot-payments-id", which bots.payments.outputs.payments-id has too; expected its own secretName. Fix: choose another secretName',
    ],
  },
  {
    title: 'one Secret of two outputs, and one name in two bots',
    values: {
      bots: {
        payments: {
          ...payments,
          outputs: { a: { secretName: 's', tbot: identity }, b: { secretName: 's', tbot: identity } },
        },
        search: { ...payments, outputs: { a: { secretName: 'other', tbot: identity } } },
      },
    },
    problems: [
      'bots.payments.outputs.b: found secretName "s", which bots.payments.outputs.a has too; expected its own secretName. Fix: choose another secretName',
      'bots.search.outputs.a: found output name "a", which bots.payments.outputs.a has too; expected its own output name. Fix: choose another output name',
    ],
  },
];

function quoted(text: string): string {
  return text.length > 120 ? `"${text.slice(0, 120)}"... (${text.length} characters)` : JSON.stringify(text);
}
