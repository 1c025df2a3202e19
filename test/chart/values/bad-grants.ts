import type { BadValues } from './bad-values.ts';
import { payments } from './bot.ts';

const AT = 'bots.payments.namespaces';

function granted(namespaces: object): object {
  return { bots: { payments: { ...payments, namespaces } } };
}

export const BAD_GRANTS: readonly BadValues[] = [
  {
    title: 'all without acceptance',
    values: granted({ all: true }),
    problems: [
      `${AT}.acceptClusterWide: found nothing; expected true: every namespace that opts in gets all of the bot's roles. Fix: add acceptClusterWide: true, or grant by names`,
    ],
    schema: [
      `at '/bots/payments/namespaces': value must be 'a map with acceptClusterWide (true: every namespace that opts in gets all of the bot\\'s roles). Fix: add acceptClusterWide: true, or grant by names'`,
    ],
  },
  {
    title: 'all and names together, and the acceptance refused',
    values: granted({ all: true, acceptClusterWide: false, names: ['payments'] }),
    problems: [
      `${AT}: found a map of 3; expected all, or names and selector. Fix: remove all, or remove the others`,
      `${AT}.acceptClusterWide: found false; expected true: every namespace that opts in gets all of the bot's roles. Fix: add acceptClusterWide: true, or grant by names`,
    ],
    schema: true,
  },
  {
    title: 'an acceptance of nothing',
    values: granted({ names: ['payments'], acceptClusterWide: true }),
    problems: [
      `${AT}.acceptClusterWide: found true; expected it beside all: true alone. Fix: remove acceptClusterWide, or add all: true`,
    ],
    schema: true,
  },
  {
    title: 'a grant to no namespace',
    values: granted({}),
    problems: [
      `${AT}: found {}; expected names, selector, or all with acceptClusterWide. Fix: add names: [<namespace>]`,
    ],
    schema: true,
  },
  {
    title: 'kube-system',
    values: granted({ names: ['payments', 'kube-system'] }),
    problems: [
      `${AT}.names[1]: found "kube-system"; expected a namespace that can be injected. Fix: remove "kube-system"`,
    ],
  },
  {
    title: 'a selector that chooses nearly everything',
    values: granted({
      selector: {
        matchLabels: { 'tbot-injector.io/injection': 'enabled' },
        matchExpressions: [
          { key: 'tier', operator: 'NotIn', values: ['a'] },
          { key: 'kubernetes.io/metadata.name', operator: 'Exists' },
          { key: 'team', operator: 'DoesNotExist' },
        ],
      },
    }),
    problems: [
      `${AT}.selector: found a map of 2; expected a condition that some opted-in namespaces meet and others do not: matchLabels, In or Exists. Fix: add one, or write all: true with acceptClusterWide: true`,
    ],
    schema: true,
  },
  {
    title: 'conditions without values, and with them',
    values: granted({
      selector: {
        matchExpressions: [
          { key: 'tier', operator: 'In', values: [] },
          { key: 'team', operator: 'Exists', values: ['a', 'b'] },
        ],
      },
    }),
    problems: [
      `${AT}.selector.matchExpressions[0].values: found 0 values; expected at least one value with In. Fix: correct the values`,
      `${AT}.selector.matchExpressions[1].values: found 2 values; expected no values with Exists. Fix: correct the values`,
    ],
    schema: true,
  },
];

const UNGUARDED =
  "absent while policies.grantLabels denies nothing: every user who may set a Namespace\\'s labels could take the credentials. Fix: use names, or set policies.grantLabels.enabled: true and validationActions: [Deny]";

/** The program does not know of the policies. */
export const UNGUARDED_GRANTS: readonly BadValues[] = [
  { enabled: false },
  { validationActions: ['Audit'] },
].map((grantLabels) => ({
  title: `a grant by labels with grantLabels: ${JSON.stringify(grantLabels)}`,
  values: { ...granted({ selector: { matchLabels: { team: 'payments' } } }), policies: { grantLabels } },
  problems: [],
  schema: [`at '/bots/payments/namespaces/selector': value must be '${UNGUARDED}'`],
}));
