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

/** The fields of the only service, as tbot reads them. */
function written(fields: Readonly<Record<string, unknown>>, namespace?: string): unknown {
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
  it('is what tbot needs to start, and nothing that it does not know', () => {
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

  it('of nobody has no services, and is one nevertheless', () => {
    expect(parse(printTbotConfig(SETTINGS, []))).toMatchObject({ version: 'v2', services: [] });
  });

  it('has destinations without labels: those are the controller’s', () => {
    expect(written({ type: 'identity' })).not.toHaveProperty('destination.labels');
  });

  it.each(['proxy_server', 'onboarding', 'storage', 'services'])(
    'has its own %s, whatever a bot says',
    (field) => {
      const text = printTbotConfig({ ...SETTINGS, fields: { [field]: 'theirs' } }, []);
      expect(parse(text)).toEqual(parse(printTbotConfig(SETTINGS, [])));
    },
  );

  it.each(['name', 'destination'])('has its own %s of a service, whatever an output says', (field) => {
    expect(written({ type: 'identity', [field]: 'theirs' })).toEqual({ type: 'identity', ...OWN });
  });

  it('says everything on lines of its own, so that a diff of two shows what changed', () => {
    const long = 'x '.repeat(300).trim();
    const text = printTbotConfig(SETTINGS, [service({ type: 'identity', description: long })]);
    expect(text).toContain(`    description: ${long}\n`);
  });

  it('says what two outputs share twice: tbot need not know anchors', () => {
    const shared = { labels: { env: 'prod' } };
    const text = printTbotConfig(SETTINGS, [
      service({ a: shared, b: shared }),
      service({ a: shared }, 'other'),
    ]);
    expect(text).not.toMatch(/[&*]a/);
  });
});

describe('$(NAMESPACE)', () => {
  it('is the namespace at every depth, as often as it stands there', () => {
    const fields = {
      service: '$(NAMESPACE)-db',
      twice: '$(NAMESPACE)/$(NAMESPACE)',
      selectors: [{ labels: { tenant: ['a', '$(NAMESPACE)'] } }],
    };
    expect(written(fields, 'payments')).toMatchObject({
      service: 'payments-db',
      twice: 'payments/payments',
      selectors: [{ labels: { tenant: ['a', 'payments'] } }],
    });
  });

  it('stays as it is in keys, where the configuration allows none', () => {
    expect(written({ labels: { '$(NAMESPACE)': '$(NAMESPACE)' } })).toMatchObject({
      labels: { '$(NAMESPACE)': 'payments' },
    });
  });

  it('is replaced in no field of the bot, where the configuration allows none', () => {
    const text = printTbotConfig({ ...SETTINGS, fields: { note: '$(NAMESPACE)' } }, [service({})]);
    expect(parse(text)).toMatchObject({ note: '$(NAMESPACE)' });
  });

  it.each(['1', '007', '1e3', '0x1f', 'true', 'null', 'on', 'no', 'y', '123-4'])(
    'stays a text in a namespace that is called %s',
    (namespace) => {
      expect(written({ type: 'identity', service: '$(NAMESPACE)' }, namespace)).toEqual({
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
/** What JSON can say, as the configuration can; strings of all kinds. */
const arbitraryValue = fc
  .jsonValue({ maxDepth: 2, stringUnit: 'grapheme', depthSize: 'small' })
  // Without the -0 that JSON does not know.
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

/** Another way to the same: through JSON's text. */
function filled(value: unknown, namespace: string): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? each.split('$(NAMESPACE)').join(namespace) : each,
  );
}

const RESERVED = ['ca-rotation', 'crl-cache', 'heartbeat', 'identity', 'spiffe-trust-bundle-cache'];

describe('whatever the services', () => {
  const always = (law: (services: readonly TbotService[]) => void): void => {
    fc.assert(fc.property(arbitraryServices, law), { numRuns: 1000 });
  };

  it('tbot reads the fields of the output, with the namespace in them, and ours', () => {
    always((services) => {
      const read = parse(printTbotConfig(SETTINGS, services)) as Parsed;
      expect(read.services).toEqual(
        services.map(({ namespace, output, secretName, fields }) => ({
          ...(filled(fields, namespace) as object),
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
          filled(Object.fromEntries(theirs), '$(NAMESPACE)'),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('their names are unique, as tbot wants them, and none that it keeps for itself', () => {
    always((services) => {
      const names = services.map(serviceName);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) {
        expect(name).toMatch(/^[a-z\d_\-+]+$/);
        expect(RESERVED).not.toContain(name);
      }
    });
  });

  it('the text is the same every time, and for equal values', () => {
    always((services) => {
      const text = printTbotConfig(SETTINGS, services);
      expect(printTbotConfig(SETTINGS, services)).toBe(text);
      expect(printTbotConfig(structuredClone(SETTINGS), structuredClone(services))).toBe(text);
    });
  });

  it('each has a text of its own: with one more, the others stay as they are', () => {
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

  it('what is given is not changed', () => {
    always((services) => {
      const before = structuredClone(services);
      printTbotConfig(SETTINGS, services);
      expect(services).toEqual(before);
    });
  });
});
