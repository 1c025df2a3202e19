import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { configSchema } from '../src/config/schema.ts';
import { LOG_LEVELS } from '../src/telemetry/log.ts';
import { OLDEST_TBOT } from '../src/teleport/version.ts';
import { bots } from './values-schema/bots.ts';
import { certificates } from './values-schema/certificates.ts';
import { refusingNull } from './values-schema/complete.ts';
import { deployment } from './values-schema/deployment.ts';
import { describe } from './values-schema/descriptions.ts';
import { image } from './values-schema/image.ts';
import { emptyOr, furtherLabels, object, objects } from './values-schema/kinds.ts';
import { monitoring, networkPolicy, policies } from './values-schema/policies.ts';
import { releasesFrom } from './values-schema/releases.ts';
import { addRules } from './values-schema/rules.ts';
import { speak, type JsonSchema } from './values-schema/sentences.ts';
import { controller, webhook } from './values-schema/webhook.ts';

const version = z
  .string('the release of tbot, in quotes')
  .regex(
    new RegExp(releasesFrom(OLDEST_TBOT)),
    `a release such as 18.8.1, at least ${OLDEST_TBOT} (the first that writes Secrets of other namespaces): the one that fits your Teleport cluster`,
  );

const name = emptyOr(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  'lower-case letters, digits and "-", at most 63 characters',
).max(63);

const { teleport, tbot, injection, telemetry } = configSchema.shape;

/** What the chart takes: config.yaml of the program, and around it what only the chart knows. */
const valuesSchema = z.strictObject({
  // Of umbrella charts.
  global: z.unknown().optional(),
  enabled: z.unknown().optional(),
  nameOverride: name.optional(),
  fullnameOverride: name.optional(),
  commonLabels: furtherLabels.optional(),
  imagePullSecrets: objects.optional(),
  logLevel: z.enum(LOG_LEVELS).optional(),
  image: image.optional(),
  teleport,
  tbot: tbot.extend({ version, deployment: deployment.optional() }),
  bots: bots.optional(),
  injection,
  telemetry,
  webhook: webhook.optional(),
  controller: controller.optional(),
  certificates: certificates.optional(),
  policies: policies.optional(),
  networkPolicy: networkPolicy.optional(),
  monitoring: monitoring.optional(),
  extraObjects: z.array(z.union([z.string(), object])).optional(),
});

/** Spaces of other scripts in patterns would not be seen. */
const INVISIBLE = /[\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff]/g;

/** values.schema.json of the chart (draft 7, as Helm wants it). */
export function printValuesSchema(): string {
  const schema: JsonSchema = z.toJSONSchema(valuesSchema, {
    io: 'input',
    target: 'draft-7',
    override: speak,
  });
  describe(schema, readFileSync(new URL('../charts/tbot-injector/values.yaml', import.meta.url), 'utf8'));
  addRules(schema);
  const { $schema, ...rest } = refusingNull(schema);
  const text = JSON.stringify({ $schema, $comment: 'Written by `npm run docs`', ...rest }, null, 2).replace(
    INVISIBLE,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // Lists of words on one line each.
  return `${text.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, words: string) => `[${words.replace(/\n\s+/g, ' ')}]`)}\n`;
}
