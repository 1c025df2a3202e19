import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { VERSION_PATTERN } from '../../src/teleport/version.ts';
import { of, within } from './places.ts';
import { releasesFrom } from './releases.ts';
import { saying, type JsonSchema } from './sentences.ts';

/** Whether a policy of the chart is off, or does no more than warn and audit. */
function deniesNothing(policy: string): JsonSchema {
  const lenient: JsonSchema = {
    anyOf: [
      { properties: { enabled: { const: false } }, required: ['enabled'] },
      {
        properties: { validationActions: { not: { contains: { const: 'Deny' } } } },
        required: ['validationActions'],
      },
    ],
  };
  return within(['policies', policy], lenient);
}

/** RBAC cannot cut the right to patch workloads any finer: without the guardrail it is a right to run as any account. */
const restarts: JsonSchema = {
  if: deniesNothing('guardrails'),
  then: of(
    ['controller', 'workloadRestarts'],
    saying(
      { const: false },
      'false while policies.guardrails denies nothing: the right to restart workloads is the right to change all of them, in every namespace. Fix: set policies.guardrails.enabled: true and validationActions: [Deny], or controller.workloadRestarts: false',
    ),
  ),
};

const grantLabels: JsonSchema = {
  if: deniesNothing('grantLabels'),
  then: of(['bots', '*', 'namespaces', 'selector'], {
    const:
      "absent while policies.grantLabels denies nothing: every user who may set a Namespace's labels could take the credentials. Fix: use names, or set policies.grantLabels.enabled: true and validationActions: [Deny]",
  }),
};

/** Fields that the release of tbot does not know yet, by the release that brought them. */
const youngFields: readonly JsonSchema[] = [...OUTPUT_TYPES.values()].flatMap(({ type, fields }) =>
  fields.flatMap(({ name, since }) => {
    if (since === undefined) return [];
    const expected = `tbot ${since} or newer, the first that knows ${name}. Fix: raise tbot.version, or remove ${name}`;
    const older = { allOf: [{ pattern: VERSION_PATTERN.source }, { not: { pattern: releasesFrom(since) } }] };
    return [
      {
        if: within(['tbot', 'version'], older),
        then: of(['bots', '*', 'outputs', '*', 'tbot'], {
          if: within(['type'], { const: type }),
          then: of([name], saying({ type: 'null' }, expected)),
        }),
      },
    ];
  }),
);

/** What values of different rooms say together. */
export const installationRules: readonly JsonSchema[] = [restarts, grantLabels, ...youngFields];

/** Where the user fills the Secret. */
export const certificateRules: readonly JsonSchema[] = [
  {
    if: within(['source'], { const: 'secret' }),
    then: within(['secret'], {
      properties: {
        name: filled(
          'the Secret with tls.crt and tls.key, as certificates.source is secret. Fix: name it, or set certificates.source: controller',
        ),
        caBundle: filled(
          'PEM of the CA by which API servers trust the webhook, as certificates.source is secret. Fix: pass --set-file certificates.secret.caBundle=ca.crt, or set certificates.source: controller',
        ),
      },
      required: ['name', 'caBundle'],
    }),
  },
];

export const clientCertificateRules: readonly JsonSchema[] = [
  {
    if: within(['configMapName'], { minLength: 1 }),
    then: within(
      ['names'],
      saying(
        { minItems: 1 },
        'common names of the certificates that are let in, beside configMapName. Fix: add names: [<common name of the API servers>], or remove configMapName',
      ),
    ),
  },
  {
    if: within(['names'], { minItems: 1 }),
    then: within(
      ['configMapName'],
      filled(
        'the ConfigMap whose ca.crt holds their CAs, beside names. Fix: add configMapName, or remove names',
      ),
    ),
  },
];

const scrapes = (monitor: string): JsonSchema => within([monitor, 'enabled'], { const: true });

/** Every pod is scraped once, and at least once where alerts look for it. */
export const monitoringRules: readonly JsonSchema[] = [
  saying(
    { not: { allOf: [scrapes('serviceMonitor'), scrapes('podMonitor')] } },
    'one of serviceMonitor.enabled and podMonitor.enabled, or everything would be counted twice. Fix: set monitoring.serviceMonitor.enabled or monitoring.podMonitor.enabled to false',
  ),
  saying(
    {
      anyOf: [
        { not: within(['prometheusRule', 'enabled'], { const: true }) },
        scrapes('serviceMonitor'),
        scrapes('podMonitor'),
      ],
    },
    'serviceMonitor or podMonitor beside prometheusRule.enabled, for the alerts look for the labels that these set. Fix: set monitoring.serviceMonitor.enabled to true',
  ),
];

function filled(expected: string): JsonSchema {
  return saying({ minLength: 1 }, expected);
}
