import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LOG_LEVELS } from '../../../src/telemetry/log.ts';
import { OUTPUT_TYPES } from '../../../src/teleport/output-types.ts';
import { CHART } from '../../cluster/harness/installation.ts';
import { payments, withOutput } from './bot.ts';

const LIMIT = 'lower-case letters, digits and "-", at most';
export const SECRET = 'an output that a Secret can hold';
export const CLUSTER =
  'the name of the Teleport cluster, without scheme and port: it is the audience of join tokens, such as example.teleport.sh';
export const PROXY =
  'host:port of the Teleport Proxy, without scheme, the port from 1 to 65535, such as example.teleport.sh:443';
export const RELEASE =
  'a release such as 18.8.1, at least 18.1.7 (the first that writes Secrets of other namespaces): the one that fits your Teleport cluster';
const LABEL = 'a label that the chart does not set itself';

/** What is wrong, and what helm says of it beside where. */
export const BAD_SHAPES: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'a cluster with scheme, a proxy without port and a release with v',
    {
      teleport: { clusterName: 'https://example.teleport.sh', proxyServer: 'example.teleport.sh' },
      tbot: { version: 'v18.8.1' },
    },
    [
      `at '/tbot/version': value must be '${RELEASE}'`,
      `at '/teleport/clusterName': value must be '${CLUSTER}'`,
      `at '/teleport/proxyServer': value must be '${PROXY}'`,
    ],
  ],
  ['a release without quotes', { tbot: { version: 18.8 } }, ["at '/tbot/version': got number, want string"]],
  [
    'a join token that is missing',
    { bots: { payments: { ...payments, join: { method: 'kubernetes' } } } },
    [
      "at '/bots/payments/join': missing property 'token'",
      "at '/bots/payments/join': value must be 'a map with method (kubernetes, gcp or iam), token (the name of the join token in Teleport)'",
    ],
  ],
  [
    'a join token that is empty, of a method that is none',
    { bots: { payments: { ...payments, join: { method: 'k8s', token: '' } } } },
    [
      "at '/bots/payments/join/method': value must be one of 'kubernetes', 'gcp', 'iam'",
      "at '/bots/payments/join/token': value must be 'the name of the join token in Teleport, such as example-bot'",
    ],
  ],
  [
    'an unknown key',
    { controller: { eviction: true, podDisruptionBudget: { minAvailable: 1 } } },
    [
      "at '': invalid propertyName 'minAvailable'",
      "at '': value must be one of 'enabled', 'maxUnavailable'",
      "at '/controller/podDisruptionBudget': additional properties 'minAvailable' not allowed",
    ],
  ],
  [
    'an unknown key of a bot',
    { bots: { payments: { ...payments, namespace: 'payments' } } },
    [
      "at '': invalid propertyName 'namespace'",
      "at '': value must be one of 'join', 'namespaces', 'tbot', 'shards', 'outputs', 'deployment'",
      "at '/bots/payments': additional properties 'namespace' not allowed",
    ],
  ],
  [
    'a name of a bot that is none',
    { bots: { 'Team A': payments } },
    ["at '': invalid propertyName 'Team A'", `at '': value must be '${LIMIT} 40 characters'`],
  ],
  [
    'an output of no type',
    withOutput({ type: 'identty' }),
    [
      `at '/bots/payments/outputs/db/tbot/type': value must be one of ${suitableTypes()
        .map((type) => `'${type}'`)
        .join(', ')}`,
    ],
  ],
  [
    'database certificates for CockroachDB',
    withOutput({ type: 'database', service: 'x', format: 'cockroach' }),
    [
      `at '/bots/payments/outputs/db/tbot/format': value must be '${SECRET} (CockroachDB wants its files in a directory of their own, which a Secret cannot have). Fix: use format: tls, or run tbot in the pod itself (annotation "join")'`,
    ],
  ],
  [
    "fields of tbot that are the platform's",
    {
      bots: {
        payments: {
          ...payments,
          tbot: { onboarding: {} },
          outputs: { db: { tbot: { type: 'identity', roles: [] } } },
        },
      },
    },
    [
      "at '/bots/payments/outputs/db/tbot/roles': value must be 'absent. Fix: remove it and give each set of roles a bot of its own (Teleport 19 ends roles on outputs)'",
      "at '/bots/payments/tbot/onboarding': value must be 'absent. Fix: remove it and set join'",
    ],
  ],
  [
    'fields of tbot of the wrong kind',
    withOutput({
      type: 'workload-identity-jwt',
      audiences: 'x',
      selector: { name: 'x', labels: { a: 'b' } },
    }),
    [
      "at '/bots/payments/outputs/db/tbot/audiences': value must be 'a list of at least one string'",
      "at '/bots/payments/outputs/db/tbot/selector': value must be 'a map with either name or labels'",
    ],
  ],
  [
    'a duration that is none',
    { bots: { payments: { ...payments, tbot: { credential_ttl: '1 hour' } } } },
    ["at '/bots/payments/tbot/credential_ttl': value must be 'a duration such as 1h or 20m'"],
  ],
  [
    'keys to wait for that are named twice',
    withOutput({ type: 'identity' }, { requiredKeys: ['identity', 'identity'] }),
    ["at '/bots/payments/outputs/db/requiredKeys': items at 0 and 1 are equal"],
  ],
  [
    'a bot without outputs',
    { bots: { payments: { ...payments, outputs: {} } } },
    ["at '/bots/payments/outputs': minProperties: got 0, want 1"],
  ],
  [
    'numbers out of range',
    { webhook: { replicas: 0, containerPort: 70_000, mutate: { timeoutSeconds: 31 } } },
    [
      "at '/webhook/containerPort': maximum: got 70,000, want 65,535",
      "at '/webhook/mutate/timeoutSeconds': maximum: got 31, want 30",
      "at '/webhook/replicas': minimum: got 0, want 1",
    ],
  ],
  [
    'words that are none',
    {
      logLevel: 'verbose',
      webhook: { mutate: { failurePolicy: 'Never' } },
      certificates: { source: 'manual' },
    },
    [
      "at '/certificates/source': value must be one of 'controller', 'cert-manager', 'secret'",
      `at '/logLevel': value must be one of ${LOG_LEVELS.map((level) => `'${level}'`).join(', ')}`,
      "at '/webhook/mutate/failurePolicy': value must be one of 'Fail', 'Ignore'",
    ],
  ],
  [
    'an address that Kubernetes would refuse',
    { webhook: { url: 'http://webhook.example.com' } },
    ["at '/webhook/url': value must be 'https://host:port, without user, query and fragment'"],
  ],
  [
    'base64 in place of PEM',
    { certificates: { secret: { caBundle: 'LS0tLS1CRUdJTi' } } },
    ["at '/certificates/secret/caBundle': value must be 'PEM, starting with -----BEGIN CERTIFICATE-----'"],
  ],
  [
    'actions that exclude each other, and a refusal of what only warns',
    {
      policies: {
        guard: { validationActions: ['Deny', 'Warn'] },
        templateWarnings: { validationActions: ['Deny'] },
      },
    },
    [
      "at '/policies/templateWarnings/validationActions/0': value must be one of 'Warn', 'Audit'",
      "at '/policies/guard/validationActions': value must be 'a list with Deny or Warn, not both'",
    ],
  ],
  [
    'labels of ours, and an annotation without quotes',
    { commonLabels: { 'app.kubernetes.io/name': 'x' }, webhook: { podAnnotations: { scrape: true } } },
    [
      "at '': invalid propertyName 'app.kubernetes.io/name'",
      `at '': value must be '${LABEL}'`,
      "at '/webhook/podAnnotations/scrape': got boolean, want string",
    ],
  ],
  [
    'an alert that there is not',
    { monitoring: { prometheusRule: { disabled: ['WebhookDown'] } } },
    [`at '/monitoring/prometheusRule/disabled/0': value must be one of ${alertNames()}`],
  ],
  [
    'null for a map or a choice of ours',
    { controller: null, webhook: { mutate: null }, certificates: { source: null } },
    [
      "at '': missing property 'controller'",
      "at '/certificates': missing property 'source'",
      "at '/webhook': missing property 'mutate'",
    ],
  ],
];

function alertNames(): string {
  const text = readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8');
  return [...text.matchAll(/- name: (Tbot\w+)/g)].map(([, name = '']) => `'${name}'`).join(', ');
}

function suitableTypes(): string[] {
  const suits = [...OUTPUT_TYPES.values()].filter(
    ({ unsuitable }) => unsuitable === undefined || unsuitable.when !== undefined,
  );
  return suits.map(({ type }) => type);
}
