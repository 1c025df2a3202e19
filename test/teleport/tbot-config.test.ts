import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  printTbotConfig,
  serviceName,
  type TbotService,
  type TbotSettings,
} from '../../src/teleport/tbot-config.ts';

const SETTINGS: TbotSettings = {
  proxyServer: 'example.teleport.sh:443',
  join: { method: 'kubernetes', token: 'example-bot' },
  fields: {},
};

function service(fields: Readonly<Record<string, unknown>>, namespace = 'payments'): TbotService {
  return { namespace, output: 'db', secretName: 'tbot-db', fields };
}

/** The only service of the printed configuration. */
function printedService(fields: Readonly<Record<string, unknown>>, namespace?: string): unknown {
  const { services } = parse(printTbotConfig(SETTINGS, [service(fields, namespace)])) as Parsed;
  return services[0];
}

interface Parsed extends Readonly<Record<string, unknown>> {
  readonly services: readonly Readonly<Record<string, unknown>>[];
}

const OWN = {
  name: 'payments+db',
  destination: { type: 'kubernetes_secret', name: 'tbot-db', namespace: 'payments' },
};

describe('tbot.yaml', () => {
  it('has what tbot needs to start, and no unknown fields', () => {
    const settings = { ...SETTINGS, fields: { credential_ttl: '2h', fips: true } };
    expect(parse(printTbotConfig(settings, [service({ type: 'identity' })]))).toEqual({
      version: 'v2',
      credential_ttl: '2h',
      fips: true,
      proxy_server: 'example.teleport.sh:443',
      onboarding: { join_method: 'kubernetes', token: 'example-bot' },
      storage: { type: 'memory' },
      services: [{ type: 'identity', ...OWN }],
    });
  });

  it.each(['kubernetes', 'gcp', 'iam'])('joins by %s with the name of the token alone', (method) => {
    const join = { method, token: 'example-bot' };
    expect(parse(printTbotConfig({ ...SETTINGS, join }, []))).toMatchObject({
      onboarding: { join_method: method, token: 'example-bot' },
    });
  });

  it('is complete without services', () => {
    expect(parse(printTbotConfig(SETTINGS, []))).toMatchObject({ version: 'v2', services: [] });
  });

  it('has destinations without labels, which the controller owns', () => {
    expect(printedService({ type: 'identity' })).not.toHaveProperty('destination.labels');
  });

  it.each(['proxy_server', 'onboarding', 'storage', 'services'])(
    'has its own %s, even where a bot sets it',
    (field) => {
      const text = printTbotConfig({ ...SETTINGS, fields: { [field]: 'theirs' } }, []);
      expect(parse(text)).toEqual(parse(printTbotConfig(SETTINGS, [])));
    },
  );

  it.each(['name', 'destination'])('has its own %s of a service, even where an output sets it', (field) => {
    expect(printedService({ type: 'identity', [field]: 'theirs' })).toEqual({ type: 'identity', ...OWN });
  });

  it('has one line per value, so that a diff is readable', () => {
    const long = 'x '.repeat(300).trim();
    const text = printTbotConfig(SETTINGS, [service({ type: 'identity', description: long })]);
    expect(text).toContain(`    description: ${long}\n`);
  });

  it('repeats values that two outputs share, without anchors', () => {
    const shared = { labels: { env: 'prod' } };
    const text = printTbotConfig(SETTINGS, [
      service({ a: shared, b: shared }),
      service({ a: shared }, 'other'),
    ]);
    expect(text).not.toMatch(/[&*]a/);
  });
});

describe('$(NAMESPACE)', () => {
  it('is replaced at every depth and every time', () => {
    const fields = {
      service: '$(NAMESPACE)-db',
      twice: '$(NAMESPACE)/$(NAMESPACE)',
      selectors: [{ labels: { tenant: ['a', '$(NAMESPACE)'] } }],
    };
    expect(printedService(fields, 'payments')).toMatchObject({
      service: 'payments-db',
      twice: 'payments/payments',
      selectors: [{ labels: { tenant: ['a', 'payments'] } }],
    });
  });

  it('is not replaced in keys, where the configuration refuses it', () => {
    expect(printedService({ labels: { '$(NAMESPACE)': '$(NAMESPACE)' } })).toMatchObject({
      labels: { '$(NAMESPACE)': 'payments' },
    });
  });

  it('is not replaced in fields of the bot, where the configuration refuses it', () => {
    const text = printTbotConfig({ ...SETTINGS, fields: { note: '$(NAMESPACE)' } }, [service({})]);
    expect(parse(text)).toMatchObject({ note: '$(NAMESPACE)' });
  });

  it.each(['1', '007', '1e3', '0x1f', 'true', 'null', 'on', 'no', 'y', '123-4'])(
    'stays a string in a namespace with the name %s',
    (namespace) => {
      expect(printedService({ type: 'identity', service: '$(NAMESPACE)' }, namespace)).toEqual({
        type: 'identity',
        service: namespace,
        name: `${namespace}+db`,
        destination: { type: 'kubernetes_secret', name: 'tbot-db', namespace },
      });
    },
  );
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?$/);
const arbitraryText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '$(NAMESPACE)',
    'a-$(NAMESPACE)',
    'line\nline\n',
    ' led ',
    '# no comment',
    'a: b',
    '- a',
    "'",
    '"',
  ),
);
/** Any value of JSON, and so of the configuration, with all kinds of strings. */
const arbitraryValue = fc
  .jsonValue({ maxDepth: 2, stringUnit: 'grapheme', depthSize: 'small' })
  // Without -0, which JSON does not have.
  .map((value): unknown => JSON.parse(JSON.stringify(value)));
const arbitraryFields = fc.dictionary(
  fc.oneof(label, arbitraryText).filter((key) => !['name', 'destination', '__proto__'].includes(key)),
  fc.oneof(arbitraryText, arbitraryValue),
  { maxKeys: 4 },
);
const arbitraryServices = fc.uniqueArray(
  fc.record({ namespace: label, output: label, secretName: label, fields: arbitraryFields }),
  { maxLength: 3, selector: ({ namespace, output }) => `${namespace}/${output}` },
);

/** Replaces placeholders in another way: in the text of JSON. */
function replaced(value: unknown, namespace: string): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? each.split('$(NAMESPACE)').join(namespace) : each,
  );
}

const RESERVED = ['ca-rotation', 'crl-cache', 'heartbeat', 'identity', 'spiffe-trust-bundle-cache'];

describe('for all services', () => {
  const always = (law: (services: readonly TbotService[]) => void): void => {
    fc.assert(fc.property(arbitraryServices, law), { numRuns: 1000 });
  };

  it('tbot reads the fields of the output with the namespace, and our own fields', () => {
    always((services) => {
      const read = parse(printTbotConfig(SETTINGS, services)) as Parsed;
      expect(read.services).toEqual(
        services.map(({ namespace, output, secretName, fields }) => ({
          ...(replaced(fields, namespace) as object),
          name: `${namespace}+${output}`,
          destination: { type: 'kubernetes_secret', name: secretName, namespace },
        })),
      );
    });
  });

  it('tbot reads the fields of the bot', () => {
    const known = fc.dictionary(label, fc.oneof(arbitraryText, arbitraryValue), { maxKeys: 6 });
    fc.assert(
      fc.property(known, (fields) => {
        const read = parse(printTbotConfig({ ...SETTINGS, fields }, [])) as Parsed;
        const own = ['version', 'proxy_server', 'onboarding', 'storage', 'services'];
        const theirs = Object.entries(fields).filter(([key]) => !own.includes(key));
        expect(Object.fromEntries(Object.entries(read).filter(([key]) => !own.includes(key)))).toEqual(
          replaced(Object.fromEntries(theirs), '$(NAMESPACE)'),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('the names are unique and valid, and none is reserved by tbot', () => {
    always((services) => {
      const names = services.map(serviceName);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) {
        expect(name).toMatch(/^[a-z\d_\-+]+$/);
        expect(RESERVED).not.toContain(name);
      }
    });
  });

  it('the text is the same for equal values', () => {
    always((services) => {
      const text = printTbotConfig(SETTINGS, services);
      expect(printTbotConfig(SETTINGS, services)).toBe(text);
      expect(printTbotConfig(structuredClone(SETTINGS), structuredClone(services))).toBe(text);
    });
  });

  it('the text of a service does not depend on other services', () => {
    always((services) => {
      const [first, ...others] = services;
      fc.pre(first !== undefined && others.length > 0);
      const [head = '', whole = ''] = printTbotConfig(SETTINGS, services).split('services:\n', 2);
      const [, alone = ''] = printTbotConfig(SETTINGS, [first]).split('services:\n', 2);
      const [, rest = ''] = printTbotConfig(SETTINGS, others).split('services:\n', 2);
      expect(whole).toBe(alone + rest);
      expect(head).toContain('proxy_server');
    });
  });

  it('the arguments are not changed', () => {
    always((services) => {
      const before = structuredClone(services);
      printTbotConfig(SETTINGS, services);
      expect(services).toEqual(before);
    });
  });
});
