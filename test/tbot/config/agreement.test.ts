import { describe, expect, it } from 'vitest';
import { checkOutput } from '../../../src/teleport/check-output.ts';
import { secretKeys } from '../../../src/teleport/output-keys.ts';
import { OUTPUT_TYPES } from '../../../src/teleport/output-types.ts';
import { printTbotConfig } from '../../../src/teleport/tbot-config.ts';
import { readConfig } from './config.ts';

const NAMED = { selector: { name: 'x' } };
const ARN = 'arn:aws:iam::123456789012:role/x';

/** Outputs of every type that a Secret can hold, as people configure them. */
const OUTPUTS: readonly (readonly [type: string, fields: object])[] = [
  ['identity', {}],
  ['identity', { ssh_config: 'off' }],
  ['application', { app_name: 'x' }],
  ['application', { app_name: 'x', specific_tls_naming: true }],
  ['database', { service: 'x', database: 'y', username: 'z' }],
  ['database', { service: 'x', format: 'tls' }],
  ['database', { service: 'x', format: 'mongo' }],
  ['kubernetes', { kubernetes_cluster: 'x' }],
  ['kubernetes/v2', { selectors: [{ labels: { env: 'prod' } }] }],
  ['ssh_host', { principals: ['host.example.com'] }],
  ['workload-identity-x509', NAMED],
  ['workload-identity-jwt', { ...NAMED, audiences: ['x'] }],
  [
    'workload-identity-aws-roles-anywhere',
    { ...NAMED, role_arn: ARN, profile_arn: ARN, trust_anchor_arn: ARN },
  ],
  [
    'workload-identity-aws-roles-anywhere',
    { ...NAMED, role_arn: ARN, profile_arn: ARN, trust_anchor_arn: ARN, artifact_name: 'config' },
  ],
];

describe('the product and tbot agree on', () => {
  it('types of outputs', () => {
    const held = [...OUTPUT_TYPES.values()].filter(({ unsuitable }) => !unsuitable || unsuitable.when);
    expect(new Set(OUTPUTS.map(([type]) => type))).toEqual(new Set(held.map(({ type }) => type)));
  });

  it.each(OUTPUTS)('%s with %j: it starts, and writes all that containers wait for', (type, own) => {
    const fields = { type, ...own };
    expect(checkOutput(fields, 'at', undefined)).toEqual({ problems: [], warnings: [] });
    const service = { namespace: 'team', output: 'x', secretName: 'tbot-x', fields };
    const join = { method: 'kubernetes', token: 'x' };
    const text = printTbotConfig({ proxyServer: 'example.teleport.sh:443', join, fields: {} }, [service]);
    const entry = OUTPUT_TYPES.get(type);
    const { required } = secretKeys(entry as NonNullable<typeof entry>, fields);
    expect(readConfig(text).services[0]?.keys).toEqual(expect.arrayContaining([...required]));
  });
});
