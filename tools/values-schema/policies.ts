import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

import { interval, objects, section, stringMap, toggle } from './kinds.ts';
import { saying } from './sentences.ts';

type Action = 'Deny' | 'Warn' | 'Audit';

/** Kubernetes refuses Deny beside Warn: the caller would hear the same twice. */
const EITHER = saying(
  { not: { allOf: [{ contains: { const: 'Deny' } }, { contains: { const: 'Warn' } }] } },
  'a list with Deny or Warn, not both',
);

function policy(actions: readonly [Action, ...Action[]]): z.ZodType {
  const validationActions = z
    .array(z.enum(actions))
    .min(1)
    .meta({ uniqueItems: true, ...EITHER });
  return section({ enabled: toggle, validationActions });
}

export const policies = section({
  guard: policy(['Deny', 'Warn', 'Audit']),
  // What only warns never refuses: an annotation at the wrong place is no reason to stop a rollout.
  templateWarnings: policy(['Warn', 'Audit']),
  guardrails: policy(['Deny', 'Warn', 'Audit']),
  grantLabels: policy(['Deny', 'Warn', 'Audit']),
});

export const networkPolicy = section({
  enabled: toggle,
  apiServerCIDRs: z.array(
    z.string('a CIDR').regex(/^[0-9A-Fa-f.:]+\/\d{1,3}$/, 'a CIDR such as 10.0.0.0/28'),
  ),
  metricsFrom: objects,
});

/** What a misspelt name would leave on. */
function alertNames(): readonly string[] {
  const file = new URL('../../charts/tbot-injector/files/alerts.yaml', import.meta.url);
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { alerts: { name: string }[] }[] };
  return groups.flatMap(({ alerts }) => alerts.map(({ name }) => name));
}

const monitor = section({ enabled: toggle, labels: stringMap, interval });

export const monitoring = section({
  serviceMonitor: monitor,
  podMonitor: monitor,
  prometheusRule: section({
    enabled: toggle,
    labels: stringMap,
    alertLabels: stringMap,
    disabled: z.array(z.enum(alertNames())),
  }),
  dashboard: section({ enabled: toggle, labels: stringMap, annotations: stringMap }),
});
