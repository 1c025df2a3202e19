import { z } from 'zod';

import { configSchema } from '../../src/config/schema.ts';
import { KNOWN_BOT_FIELDS, RESERVED_BOT_FIELDS } from '../../src/teleport/bot-fields.ts';
import { deployment } from './deployment.ts';
import { outputFields, reservedFields } from './output-fields.ts';
import { saying, type JsonSchema } from './sentences.ts';

/** The program takes null for a duration left out. */
const KINDS: Readonly<Record<'duration' | 'boolean', JsonSchema>> = {
  duration: saying(
    {
      anyOf: [
        { type: 'null' },
        { type: 'string', pattern: '^((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+$' },
      ],
    },
    'a duration such as 1h or 20m',
  ),
  boolean: { type: 'boolean' },
};

const written = configSchema.shape.bots.unwrap();
const outputs = written.valueType.shape.outputs;

const output = outputs.valueType.extend({
  tbot: outputs.valueType.shape.tbot.meta(outputFields()),
  requiredKeys: outputs.valueType.shape.requiredKeys.meta({ uniqueItems: true }),
});

/** The bots as the program wants them, each with what only the chart knows. */
export const bots = z.record(
  written.keyType,
  written.valueType.extend({
    deployment: deployment.optional(),
    tbot: written.valueType.shape.tbot.meta({ properties: botFields() }),
    outputs: z.record(outputs.keyType, output).meta({
      minProperties: 1,
    }),
  }),
);

/** tbot's own top-level fields: known ones are checked, unknown ones are tbot's affair. */
function botFields(): JsonSchema {
  const known = [...KNOWN_BOT_FIELDS].map(([name, kind]) => [name, KINDS[kind]] as const);
  return { ...Object.fromEntries(known), ...reservedFields(RESERVED_BOT_FIELDS) };
}
