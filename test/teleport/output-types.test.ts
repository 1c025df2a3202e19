import { describe, expect, it } from 'vitest';
import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { parseVersion } from '../../src/teleport/version.ts';

const types = [...OUTPUT_TYPES.values()];

describe('the table of output types', () => {
  it('has the types of tbot', () => {
    expect([...OUTPUT_TYPES.keys()]).toEqual([
      'identity',
      'application',
      'database',
      'kubernetes',
      'kubernetes/v2',
      'kubernetes/argo-cd',
      'ssh_host',
      'workload-identity-x509',
      'workload-identity-jwt',
      'workload-identity-aws-roles-anywhere',
      'workload-identity-api',
      'application-tunnel',
      'application-proxy',
      'database-tunnel',
      'ssh-multiplexer',
      'identity/key-agent',
    ]);
  });

  describe.each(types)('$type', (type) => {
    const fields = type.fields.map(({ name }) => name);
    const keys = type.keys.flatMap((rule) => rule.keys);

    it('writes keys, or has the reason why a Secret cannot hold it', () => {
      const always = type.unsuitable !== undefined && type.unsuitable.when === undefined;
      expect(keys.length === 0).toBe(always);
      expect(type.doc).toMatch(/\.$/);
    });

    it('has each field and each key once', () => {
      expect(new Set(fields).size).toBe(fields.length);
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('refers only to its own fields and keys', () => {
      const conditions = [...type.keys, type.unsuitable].flatMap((rule) => rule?.when ?? []);
      const renaming = type.keys.flatMap((rule) => rule.renamedBy ?? []);
      for (const field of [...conditions.map((condition) => condition.field), ...renaming])
        expect(fields).toContain(field);
      for (const { value } of type.env) if (value !== 'proxyServer') expect(keys).toContain(value.file);
    });

    it('renames only a rule with one key', () => {
      for (const rule of type.keys) if (rule.renamedBy !== undefined) expect(rule.keys).toHaveLength(1);
    });

    it('has valid releases', () => {
      for (const since of [type.since, ...type.fields.map((field) => field.since)])
        if (since !== undefined) expect(parseVersion(since)).toBeDefined();
    });
  });
});
