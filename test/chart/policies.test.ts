import { describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { loadConfig } from '../../src/config/load.ts';
import { resolveOutput } from '../../src/grants/output.ts';
import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { configOf } from './config-of.ts';
import { renderChart, type Rendering } from './render.ts';

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly failurePolicy?: string;
    readonly policyName?: string;
    readonly validationActions?: readonly string[];
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly validations?: readonly { readonly expression: string; readonly messageExpression?: string }[];
    readonly matchConditions?: readonly { readonly expression: string }[];
  };
}

const SOME = { identity: { tbot: { type: 'identity' } } };
const bot = (outputs: object = SOME, more: object = {}) => ({
  join: { method: 'kubernetes', token: 'example-bot' },
  namespaces: { names: ['payments'] },
  outputs,
  ...more,
});
const NAMED = { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['x'] };
const SELECTOR = {
  matchLabels: { team: 'payments', 'tbot-injector.io/injection': 'enabled' },
  matchExpressions: [{ key: 'tier', operator: 'In', values: ['platform'] }, NAMED],
};
const GRANTING = { bots: { payments: bot(SOME, { namespaces: { selector: SELECTOR } }) } };

const GUARDRAILS = [
  'guardrail-controller-deployments',
  'guardrail-controller-evictions',
  'guardrail-controller-role-bindings',
  'guardrail-controller-secrets',
  'guardrail-controller-webhooks',
  'guardrail-controller-workloads',
  'guardrail-managed',
  'guardrail-tbot-secrets',
];
const ALL = ['grant-labels', 'guard', ...GUARDRAILS, 'template-warnings'];

/** What each switch puts in. */
const SWITCHES = {
  guard: ['guard'],
  templateWarnings: ['template-warnings'],
  guardrails: GUARDRAILS,
  grantLabels: ['grant-labels'],
};

async function render(values: object, rendering: Rendering = {}): Promise<readonly Policy[]> {
  const documents = parseAllDocuments(await renderChart({ ...rendering, values }));
  return documents
    .map((document) => document.toJS() as Policy | null)
    .filter((object): object is Policy => object?.kind.startsWith('ValidatingAdmissionPolicy') === true);
}

const namesOf = (policies: readonly Policy[], kind = 'ValidatingAdmissionPolicy'): string[] =>
  policies
    .filter((policy) => policy.kind === kind)
    .map(({ metadata }) => metadata.name.replace('tbot-injector-', ''));

async function expressions(values: object, name: string): Promise<ReadonlyMap<string, string>> {
  const policies = await render(values);
  const policy = policies.find(
    ({ metadata, spec }) => metadata.name === `tbot-injector-${name}` && spec.variables,
  );
  return new Map(policy?.spec.variables?.map((variable) => [variable.name, variable.expression]));
}

describe.skipIf(inject('programs').kind === 'missing')('the policies of the chart', () => {
  it('are all there, each in force by a binding', async () => {
    const policies = await render(GRANTING);
    expect(namesOf(policies).toSorted()).toEqual(ALL);
    expect(namesOf(policies, 'ValidatingAdmissionPolicyBinding').toSorted()).toEqual(ALL);
    for (const { spec, metadata } of policies) expect(spec.policyName ?? metadata.name).toBe(metadata.name);
  });

  it('refuse what they cannot judge, but for the one that warns', async () => {
    const policies = (await render(GRANTING)).filter(({ spec }) => spec.validations !== undefined);
    const ignoring = policies.filter(({ spec }) => spec.failurePolicy !== 'Fail');
    expect(namesOf(ignoring)).toEqual(['template-warnings']);
  });

  it.each(Object.entries(SWITCHES))('%s is switched off', async (key, names) => {
    const policies = await render({ ...GRANTING, bots: {}, policies: { [key]: { enabled: false } } });
    const left = ALL.filter((name) => name !== 'grant-labels' && !names.includes(name));
    expect(namesOf(policies).toSorted()).toEqual(left);
    expect(namesOf(policies, 'ValidatingAdmissionPolicyBinding').toSorted()).toEqual(left);
  });

  it.each(Object.entries(SWITCHES))('%s does something else on request', async (key, names) => {
    const validationActions = key === 'grantLabels' ? ['Deny', 'Audit'] : ['Warn', 'Audit'];
    const policies = await render({ ...GRANTING, policies: { [key]: { validationActions } } });
    const changed = policies.filter(({ spec }) => spec.validationActions?.includes('Audit'));
    expect(namesOf(changed, 'ValidatingAdmissionPolicyBinding').toSorted()).toEqual(names);
    for (const { spec } of changed) expect(spec.validationActions).toEqual(validationActions);
  });

  it('are named after the release', async () => {
    const policies = await render({}, { release: 'edge', namespace: 'edge-system' });
    const text = JSON.stringify(policies);
    expect(text).toContain('edge-tbot-injector-guard');
    expect(text).toContain('system:serviceaccount:edge-system:edge-tbot-injector-controller');
    expect(text).not.toMatch(/[^-]tbot-injector-(guard|guardrail|bot)/);
  });

  describe('the labels that grant', () => {
    it('are those of selectors, without the one that opts in and the one of the name', async () => {
      const variables = await expressions(GRANTING, 'grant-labels');
      expect(variables.get('changed')).toMatch(/^\["team","tier"\]\.filter/);
    });

    it.each<[string, object]>([
      ['no selector', {}],
      ['the label of the name alone in a selector', { selector: { matchExpressions: [NAMED] } }],
    ])('need no policy with %s', async (_, { selector }: { selector?: object }) => {
      const namespaces = selector ? { selector, names: ['a'] } : { names: ['a'] };
      expect(namesOf(await render({ bots: { a: bot(SOME, { namespaces }) } }))).not.toContain('grant-labels');
    });
  });

  describe('the guard', () => {
    const tables = async (values: object) => {
      const variables = await expressions(values, 'guard');
      const keys = JSON.parse(variables.get('keys') ?? '') as Record<string, string[]>;
      const maps = [...variables].flatMap(([name, text]) =>
        /^outputs\d+$/.test(name) ? [JSON.parse(text) as Record<string, string[]>] : [],
      );
      return { keys, maps };
    };

    it.each<[string, object]>([
      ['as it is', {}],
      ['with a root of its own', { mountRoot: '/run//teleport/' }],
    ])('knows of every output what the program knows, %s', async (_, injection) => {
      const values = { injection, bots: { a: bot(OUTPUTS) } };
      const loaded = loadConfig(configOf(values));
      if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
      const { keys, maps } = await tables(values);
      for (const [name, settings] of Object.entries(loaded.config.bots['a']?.outputs ?? {})) {
        const output = resolveOutput(loaded.config, 'a', name, settings);
        const [secret, path, number = ''] = maps[0]?.[name] ?? [];
        expect([name, secret, path, keys[number]?.toSorted()]).toEqual([
          name,
          output.secretName,
          output.mountPath,
          output.requiredKeys.toSorted(),
        ]);
      }
    });

    it('knows every type of output that a Secret can hold', () => {
      const types = new Set(Object.values(OUTPUTS).map(({ tbot }) => tbot.type));
      const suitable = [...OUTPUT_TYPES.values()].filter(({ unsuitable }) => !unsuitable || unsuitable.when);
      expect([...types].toSorted()).toEqual(suitable.map(({ type }) => type).toSorted());
    });

    it('spreads many outputs over several expressions, of which none gets too long', async () => {
      const outputs = Object.fromEntries(
        Array.from({ length: 401 }, (_, index) => [`output-${index}`, { tbot: { type: 'identity' } }]),
      );
      const { keys, maps } = await tables({ bots: { a: bot(outputs) } });
      expect(maps.map((map) => Object.keys(map).length)).toEqual([200, 200, 1]);
      expect(Object.keys(keys)).toHaveLength(1);
    });

    it('takes a path as it stands, whatever is in it', async () => {
      const mountPath = `/a'b"c\\d<e>&{{f}}`;
      const { maps } = await tables({ bots: { a: bot({ x: { mountPath, tbot: { type: 'identity' } } }) } });
      expect(maps[0]?.['x']?.[1]).toBe(mountPath);
    });

    it('leaves out the containers that the webhook leaves out', async () => {
      const chosen = async (injection: object) => (await expressions({ injection }, 'guard')).get('chosen');
      expect(await chosen({})).toContain('["istio-proxy","linkerd-proxy"]');
      expect(await chosen({ ignoreContainers: ['mesh'] })).toContain('["mesh"]');
      expect(await chosen({ ignoreContainers: [] })).toContain('in [])');
    });
  });

  it("let the controller's own Secrets go where it makes no certificates", async () => {
    const own = async (certificates: object) =>
      (await expressions({ certificates }, 'guardrail-controller-secrets')).get('isOwn');
    expect(await own({})).toContain('["tbot-injector-ca","tbot-injector-webhook-tls"]');
    expect(await own({ source: 'cert-manager' })).toContain('in []');
  });
});

const IDENTITY = { type: 'identity' };
const APPLICATION = { type: 'application', app_name: 'x' };
const DATABASE = { type: 'database', service: 'x' };
const SELECTED = { selector: { name: 'x' } };
const AWS = {
  ...SELECTED,
  type: 'workload-identity-aws-roles-anywhere',
  role_arn: 'arn:aws:iam::123456789012:role/x',
  profile_arn: 'arn:aws:rolesanywhere:eu-central-1:123456789012:profile/x',
  trust_anchor_arn: 'arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/x',
};

interface Output {
  readonly tbot: { readonly type: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Every type, with every field that decides on keys. */
const OUTPUTS: Readonly<Record<string, Output>> = {
  identity: { tbot: IDENTITY },
  'identity-on': { tbot: { ...IDENTITY, ssh_config: 'on' } },
  'identity-true': { tbot: { ...IDENTITY, ssh_config: true } },
  'identity-off': { tbot: { ...IDENTITY, ssh_config: 'off' } },
  'identity-some': { tbot: IDENTITY, requiredKeys: ['identity'] },
  application: { tbot: APPLICATION },
  'application-tls': { tbot: { ...APPLICATION, specific_tls_naming: true } },
  'application-plain': { tbot: { ...APPLICATION, specific_tls_naming: false } },
  database: { tbot: DATABASE, secretName: 'own.name' },
  'database-tls': { tbot: { ...DATABASE, format: 'tls' } },
  'database-mongo': { tbot: { ...DATABASE, format: 'mongo' } },
  kubernetes: { tbot: { type: 'kubernetes', kubernetes_cluster: 'x' } },
  'kubernetes-v2': { tbot: { type: 'kubernetes/v2', selectors: [{ name: 'x' }] } },
  ssh: { tbot: { type: 'ssh_host', principals: ['x'] } },
  svid: { tbot: { ...SELECTED, type: 'workload-identity-x509' }, mountPath: '/own//path/./' },
  jwt: { tbot: { ...SELECTED, type: 'workload-identity-jwt', audiences: ['x'] } },
  aws: { tbot: AWS },
  'aws-named': { tbot: { ...AWS, artifact_name: 'credentials' } },
};
