import {
  certificateRules,
  clientCertificateRules,
  installationRules,
  monitoringRules,
} from './installation.ts';
import { expressionRules, grantRules } from './grants.ts';
import { mountPath } from './paths.ts';
import { definition, PLACEHOLDER_DEFINITIONS, withoutPlaceholders } from './placeholders.ts';
import { at } from './descriptions.ts';
import type { JsonSchema } from './sentences.ts';

const BOT = ['bots', '*'];
const OUTPUT = [...BOT, 'outputs', '*'];

/** What several values say together, or what no type of a value says, by where it is told. */
const RULES: readonly (readonly [path: readonly string[], rules: readonly JsonSchema[]])[] = [
  [[], installationRules],
  [['certificates'], certificateRules],
  [['webhook', 'clientCertificates'], clientCertificateRules],
  [['monitoring'], monitoringRules],
  [['injection', 'mountRoot'], [mountPath('mountRoot')]],
  [[...BOT, 'join', 'token'], [withoutPlaceholders]],
  [[...BOT, 'tbot'], [definition('withoutPlaceholders')]],
  [[...BOT, 'namespaces'], grantRules],
  [[...BOT, 'namespaces', 'selector', 'matchExpressions', '[]'], expressionRules],
  [
    [...OUTPUT, 'mountPath'],
    [mountPath('mountPath'), withoutPlaceholders],
  ],
  [[...OUTPUT, 'tbot'], [definition('placeholdersOfNamespace')]],
];

/** Adds them to the schema of all values. */
export function addRules(schema: JsonSchema): void {
  schema['definitions'] = PLACEHOLDER_DEFINITIONS;
  for (const [path, rules] of RULES) {
    const place = at(schema, ...path);
    place['allOf'] = [...((place['allOf'] ?? []) as readonly JsonSchema[]), ...rules];
  }
}
