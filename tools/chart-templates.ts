import { ANNOTATIONS, INJECTED_RECORD, RESTART_EVERY, RESTARTABLE_KINDS } from '../src/annotations/table.ts';
import { CA_LIFETIME_DAYS, SERVING_LIFETIME_DAYS } from '../src/certificates/renewal.ts';
import { CONTROLLER_OPTIONS } from '../src/cli/controller-options.ts';
import { defaultSecretName } from '../src/config/schema.ts';
import { INJECTION_ENABLED, INJECTION_LABEL, NEVER_INJECTED, PREFIX } from '../src/config/opt-in.ts';
import { configSchema } from '../src/config/schema.ts';
import { DIAGNOSTICS_PORT, namesOfRelease } from '../src/controller/names.ts';
import {
  BOT_LABEL,
  CONFIG_HASH,
  MANAGED_BY,
  MANAGER,
  OUTPUT_LABEL,
  TBOT_RESTARTED_AT,
} from '../src/credentials/labels.ts';
import { ROLLOUT_RESTARTED_AT } from '../src/restarts/workload.ts';
import { METRICS } from '../src/telemetry/table.ts';
import { DEFAULT_RENEWAL, DEFAULT_TTL } from '../src/teleport/bot-fields.ts';
import { OUTPUT_TYPES } from '../src/teleport/output-types.ts';

const injection = configSchema.shape.injection.parse({});

const podAnnotations = ANNOTATIONS.map(({ key }) => PREFIX + key);

/** Keys of annotations and labels; a template is called after what stands behind the prefix. */
const KEYS: readonly string[] = [
  INJECTION_LABEL,
  ...podAnnotations,
  INJECTED_RECORD,
  RESTART_EVERY,
  BOT_LABEL,
  OUTPUT_LABEL,
  CONFIG_HASH,
  TBOT_RESTARTED_AT,
];

/** What chart and program must agree on. Texts and numbers are printed as they stand, everything else as JSON. */
const FACTS = {
  keyPrefix: PREFIX,
  /** Of the virtual resources that policies ask rights for. */
  apiGroup: PREFIX.replace(/\/$/, ''),
  injectionEnabled: INJECTION_ENABLED,
  neverInjected: NEVER_INJECTED,
  /** What may stand on a pod. */
  podAnnotations: [...podAnnotations, INJECTED_RECORD],
  managedByLabel: MANAGED_BY,
  manager: MANAGER,
  restartableKinds: RESTARTABLE_KINDS,
  rolloutRestartedAt: ROLLOUT_RESTARTED_AT,
  mountRoot: injection.mountRoot,
  ignoreContainers: injection.ignoreContainers,
  joinTokenSeconds: injection.joinTokenExpirationSeconds,
  secretPrefix: defaultSecretName(''),
  defaultTtl: DEFAULT_TTL,
  defaultRenewal: DEFAULT_RENEWAL,
  healthPort: CONTROLLER_OPTIONS.find(({ name }) => name === 'health-port')?.default,
  diagnosticsPort: DIAGNOSTICS_PORT,
  caLifetimeDays: CA_LIFETIME_DAYS,
  servingLifetimeDays: SERVING_LIFETIME_DAYS,
  metrics: Object.fromEntries(Object.entries(METRICS).map(([key, { name }]) => [key, name])),
  outputKeys: outputKeys(),
} as const;

/** templates/_program.tpl of the chart, whole: what its templates would else say a second time. */
export function printChartTemplates(): string {
  return [
    '{{/* Written by `npm run docs` from the tables in src; edit those, and tools/chart-templates.ts. */}}',
    '',
    '{{/* Keys of annotations and labels. */}}',
    ...KEYS.map((key) => define(`key.${key.slice(PREFIX.length)}`, key)),
    '',
    '{{/* Names of objects, as src/controller/names.ts makes them. */}}',
    ...Object.entries(objectNames()).map(([name, text]) => define(name, text)),
    '',
    '{{/* Everything else; lists and maps are JSON. */}}',
    ...Object.entries(FACTS).map(([name, value]) => define(`program.${name}`, print(value))),
    '',
  ].join('\n');
}

function objectNames(): Readonly<Record<string, string>> {
  const names = namesOfRelease('{{ include "tbot-injector.fullname" . }}');
  return {
    webhookName: names.service,
    controllerName: names.lease,
    configName: names.config,
    statusName: names.status,
    caSecretName: names.caSecret,
    ownServingSecretName: names.servingSecret,
  };
}

/** The keys that pods wait for, by type: those that every renewal writes. */
function outputKeys(): Readonly<Record<string, unknown>> {
  const written = [...OUTPUT_TYPES.values()].filter(({ keys }) => keys.length > 0);
  return Object.fromEntries(
    written.map(({ type, keys }) => [type, keys.filter(({ optional }) => optional !== true)]),
  );
}

function define(name: string, text: string): string {
  return `{{- define "tbot-injector.${name}" -}}${text}{{- end }}`;
}

/** Maps with one key a line, so that a change of the tables shows in the diff. */
function print(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  const lines = Object.entries(value as object).map(
    ([key, each]) => `${JSON.stringify(key)}: ${JSON.stringify(each)}`,
  );
  return `{\n${lines.join(',\n')}\n}`;
}
