import { z } from 'zod';

/*
 * The shape of config.yaml. The error text of a schema becomes the "expected" of a problem. Rules over several values
 * are in check.ts.
 */

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const PORT = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const PROXY_SERVER = new RegExp(`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\]):${PORT}$`);
/** The form of Kubernetes: an optional DNS name as prefix, then a name of at most 63 characters. */
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
/** A key of a Secret; it is not `.` and does not start with `..`. */
const SECRET_KEY = /^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

function dnsLabel(maxLength: number): z.ZodString {
  const expected = `lower-case letters, digits and "-", at most ${maxLength} characters`;
  return z.string(expected).max(maxLength, expected).regex(DNS_LABEL, expected);
}

const objectName = z
  .string('the name of a Kubernetes object')
  .max(253, 'the name of a Kubernetes object, at most 253 characters')
  .regex(DNS_SUBDOMAIN, 'the name of a Kubernetes object: lower-case letters, digits, "-" and "."');

/** The name of the volume is `tbot-output-` and this name, at most 63 characters. */
const outputName = dnsLabel(51);
/** The bot's name is part of Deployment names, whose pods need space for their suffixes. */
const botName = dnsLabel(40);
const namespaceName = dnsLabel(63);

const nonEmptyText = (expected: string): z.ZodString => z.string(expected).min(1, expected);

const labelKey = z.string('a label key').regex(LABEL_KEY, 'a label key of Kubernetes');
const labelValue = z.string('a label value, in quotes').regex(LABEL_VALUE, 'a label value of Kubernetes');
const labelSelector = z.strictObject({
  matchLabels: z.record(labelKey, labelValue).optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: labelKey,
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], 'In, NotIn, Exists or DoesNotExist'),
        values: z.array(labelValue).optional(),
      }),
    )
    .optional(),
});

const teleport = z.strictObject({
  clusterName: z
    .string('the name of the Teleport cluster')
    .regex(
      /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
      'the name of the Teleport cluster, without scheme and port: it is the audience of join tokens',
    )
    .meta({
      description: 'Name of the Teleport cluster, the audience of join tokens.',
      examples: ['example.teleport.sh'],
    }),
  proxyServer: z
    .string('host:port of the Teleport Proxy')
    .regex(PROXY_SERVER, 'host:port of the Teleport Proxy, without scheme, the port from 1 to 65535')
    .meta({ description: 'Address of the Teleport Proxy.', examples: ['example.teleport.sh:443'] }),
});

const tbot = z.strictObject({
  version: z
    .string('the release of tbot, as a quoted string')
    .meta({ description: 'Release of tbot; it must fit the Teleport cluster.', examples: ['18.8.1'] }),
});

const join = z.strictObject({
  method: z
    .enum(['kubernetes', 'gcp', 'iam'], 'kubernetes, gcp or iam')
    .meta({ description: 'How tbot proves itself to Teleport.', examples: ['kubernetes'] }),
  token: nonEmptyText('the name of the join token in Teleport').meta({
    description: 'Name of the join token in Teleport.',
    examples: ['example-bot'],
  }),
});

const namespaces = z
  .strictObject({
    all: z.boolean('true').optional(),
    acceptClusterWide: z.boolean('true').optional(),
    names: z
      .array(namespaceName, 'a list of namespace names')
      .min(1, 'at least one namespace name')
      .optional(),
    selector: labelSelector.optional(),
  })
  .meta({
    description: 'Which opted-in namespaces the bot is granted to: all of them, or names OR selector.',
  });

const secretKey = 'a key of the Secret: letters, digits, "-", "_" and ".", at most 253 characters';

const output = z.strictObject({
  secretName: objectName
    .optional()
    .meta({ description: 'Secret in the consumer namespace; default tbot-<output>.' }),
  mountPath: nonEmptyText('an absolute path')
    .optional()
    .meta({ description: 'Where consumers find it; default <mountRoot>/<output>.' }),
  requiredKeys: z
    .array(z.string(secretKey).max(253, secretKey).regex(SECRET_KEY, secretKey), 'a list of keys')
    .min(1, 'at least one key')
    .refine((keys) => new Set(keys).size === keys.length, 'each key once')
    .optional()
    .meta({ description: 'Keys that containers wait for; default: those that the type always writes.' }),
  defaultMode: z
    .int('a file mode from 0 to 0777')
    .min(0, 'a file mode from 0 to 0777')
    .max(0o777, 'a file mode from 0 to 0777')
    .optional()
    .meta({ description: "Mode of the files; default: chosen by the pod's securityContext." }),
  env: z.boolean('true or false').optional().meta({
    description: 'true: set every variable the type offers; false: none; default: those of Teleport alone.',
  }),
  tbot: z
    .looseObject({ type: nonEmptyText('an output type of tbot') }, "tbot's own fields, type among them")
    .meta({ description: "tbot's own fields, passed through; $(NAMESPACE) is the consumer's namespace." }),
});

const bot = z.strictObject({
  join,
  namespaces,
  tbot: z
    .looseObject({}, "tbot's own top-level fields")
    .default({})
    .meta({
      description: "tbot's own top-level fields, passed through.",
      examples: [{ credential_ttl: '1h' }],
    }),
  shards: z
    .int('a whole number from 1 to 64')
    .min(1, 'a whole number from 1 to 64')
    .max(64, 'a whole number from 1 to 64')
    .default(1)
    .meta({ description: 'tbot Deployments that share the namespaces of this bot.' }),
  outputs: z.record(outputName, output, 'the outputs of the bot, by name'),
});

const injection = z.strictObject({
  mountRoot: nonEmptyText('an absolute path')
    .default('/var/run/teleport')
    .meta({ description: 'Folder under which outputs are mounted.' }),
  joinTokenExpirationSeconds: z
    .int('seconds from 600 to 1800')
    .min(600, 'seconds from 600 (the least Kubernetes gives) to 1800')
    .max(1800, 'seconds from 600 to 1800 (Teleport refuses tokens that live longer than 30 minutes)')
    .default(600)
    .meta({ description: 'Lifetime of projected join tokens.' }),
  onMissingCredential: z
    .enum(['warn', 'refuse'], 'warn or refuse')
    .default('warn')
    .meta({ description: 'What a pod gets whose credential was never written yet.' }),
  ignoreContainers: z
    .array(dnsLabel(63), 'a list of container names')
    .default(['istio-proxy', 'linkerd-proxy'])
    .meta({ description: 'Containers that get outputs only if the annotation names them.' }),
});

const telemetry = z.strictObject({
  countByNamespace: z
    .boolean('true or false')
    .default(false)
    .meta({ description: 'Count admissions by namespace as well: one time series a namespace.' }),
});

export const configSchema = z.strictObject({
  teleport,
  tbot,
  bots: z.record(botName, bot, 'the bots, by name').default({}),
  injection: injection.prefault({}),
  telemetry: telemetry.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type BotConfig = Config['bots'][string];
export type OutputConfig = BotConfig['outputs'][string];
export type LabelSelector = z.output<typeof labelSelector>;

/** The Secret of an output without `secretName`. */
export function defaultSecretName(output: string): string {
  return `tbot-${output}`;
}

/** The mount path of an output without `mountPath`. */
export function defaultMountPath(mountRoot: string, output: string): string {
  return `${mountRoot}/${output}`;
}

/** The JSON Schema of config.yaml (draft 7, which Helm needs). */
export function printJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }), null, 2)}\n`;
}
