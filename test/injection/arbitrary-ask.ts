import fc from 'fast-check';
import { PREFIX } from '../../src/config/opt-in.ts';
import { INJECTED_RECORD, type Annotation } from '../../src/annotations/table.ts';
import { arbitrarySpec } from './arbitrary-pod.ts';

/** The outputs granted to each namespace. */
const GRANTED: Readonly<Record<string, readonly string[]>> = {
  default: ['identity-output'],
  payments: ['identity-output', 'payments-db', 'payments-mongo', 'payments-app'],
  checkout: ['identity-output', 'payments-db'],
  platform: ['identity-output', 'svid', 'second-identity', 'clusters', 'aws', 'token'],
  lab: ['identity-output'],
  'kube-system': ['identity-output'],
};
const PATHS = ['/creds', '/etc//teleport/./', '/config', '/data/x', '/srv/$(HOME)'];

export interface Case {
  readonly namespace: string;
  readonly pod: unknown;
  readonly containerNames: readonly string[];
}

/** A list of some of the names. */
function listOf(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
    .map((list) => list.join(', '));
}

function arbitraryOutputs(namespace: string): fc.Arbitrary<string> {
  const granted = fc.constantFrom(...(GRANTED[namespace] ?? []));
  const name = fc.oneof({ weight: 20, arbitrary: granted }, fc.constantFrom('no-such-output', 'payments-db'));
  const path = fc.option(fc.constantFrom(...PATHS), { freq: 1 });
  return fc
    .uniqueArray(fc.tuple(name, path), { minLength: 1, maxLength: 3, selector: ([output]) => output })
    .map((items) => items.map(([output, at]) => (at === null ? output : `${output}=${at}`)).join(','));
}

const anyValue = fc.oneof(
  fc.string(),
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('', 'a,,b', 'a=b', 'a=/..'),
);

/** Mostly a valid value, sometimes any value. */
function mostlyValid(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary }, anyValue);
}

function annotationsFor(names: readonly string[], namespace: string): fc.Arbitrary<Record<string, unknown>> {
  const present = names.length === 0 ? ['app'] : names;
  const asks = fc.record(
    {
      [`${PREFIX}outputs`]: mostlyValid(arbitraryOutputs(namespace)),
      [`${PREFIX}containers`]: mostlyValid(listOf(present)),
      [`${PREFIX}join`]: mostlyValid(listOf(present)),
      [`${PREFIX}tbot-config`]: mostlyValid(fc.constantFrom('tbot-config', 'tbot.config = /etc/tbot')),
      [INJECTED_RECORD]: fc.jsonValue({ maxDepth: 1 }),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(asks, foreign).map(([ask, others]) => ({ ...others, ...withCompanions(ask) }));
}

const harmless = fc.constantFrom('example.com/x', '__proto__', 'constructor');
const key = fc.oneof(
  { weight: 12, arbitrary: harmless },
  fc.constantFrom(`${PREFIX}output`, 'kubernetes.io/config.mirror'),
);
const foreign = fc
  .array(fc.tuple(key, fc.string()), { maxLength: 1 })
  .map((entries) => Object.fromEntries(entries));

/** Without annotations that miss their companion, which would refuse most pods. */
function withCompanions(ask: Record<string, unknown>): Record<string, unknown> {
  const has = (key: Annotation['key']): boolean => ask[PREFIX + key] !== undefined;
  const alone = [has('outputs') ? '' : `${PREFIX}containers`, has('join') ? '' : `${PREFIX}tbot-config`];
  return Object.fromEntries(Object.entries(ask).filter(([key]) => !alone.includes(key)));
}

const namespaceName = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('default', 'payments', 'checkout', 'platform') },
  fc.constantFrom('lab', 'kube-system'),
);

/** A pod with annotations of ours, parsed from JSON, and its namespace. */
export const arbitraryCase: fc.Arbitrary<Case> = fc
  .tuple(arbitrarySpec, namespaceName)
  .chain(([{ spec, names }, namespace]) =>
    annotationsFor(names, namespace).map((annotations) => {
      const pod = { metadata: { name: 'pod', annotations }, spec };
      return { namespace, pod: JSON.parse(JSON.stringify(pod)) as unknown, containerNames: names };
    }),
  );
