import { notLeading } from '../not-leading.ts';
import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CertificateError } from '../../../src/certificates/error.ts';
import type * as Issue from '../../../src/certificates/issue.ts';
import { issueCa, issueServing } from '../../../src/certificates/issue.ts';
import { readCertificates } from '../../../src/certificates/certificate.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { FOREIGN_KINDS, makeForeignCa, USABLE } from '../../certificates/foreign.ts';
import { inspectServing, SERVING_NAMES, TestKeeper } from './certificate-world.ts';
import { MemoryStore } from './memory-store.ts';

// Another file of this worker may have loaded issue.ts before it is mocked here.
vi.hoisted(() => {
  vi.resetModules();
});

/** CAs whose leaves do not verify although nothing was to be seen of that before. */
const deceptive = new Set<string>();

vi.mock('../../../src/certificates/issue.ts', async (original) => {
  const issue = await original<typeof Issue>();
  return {
    ...issue,
    issueServing: (request: Parameters<typeof issue.issueServing>[0]) => {
      if (!deceptive.has(request.ca.certificate)) return issue.issueServing(request);
      throw new CertificateError('unusable-ca', 'what the CA signs cannot be verified by it');
    },
  };
});

const START = new Date('2026-01-01T00:00:00Z');

let store: MemoryStore;
let keeper: TestKeeper;

beforeEach(() => {
  store = new MemoryStore();
  keeper = new TestKeeper(store, START);
});

/** How many CAs the first entry trusts. */
function trusted(): number {
  const read = readCertificates(store.entries?.[0] ?? '');
  return read.kind === 'read' ? read.certificates.length : 0;
}

function expectServing(): void {
  expect(store.entries).toHaveLength(2);
  for (const bundle of store.entries ?? []) {
    expect(inspectServing(store.serving, bundle, keeper.now)).toMatchObject({ kind: 'valid' });
  }
  expect(inspectServing(store.serving, store.serving?.['ca.crt'], keeper.now).kind).toBe('valid');
}

/** Passes and waits until nothing is left to do; what was done. */
async function passToRest(): Promise<string[]> {
  const passes = [];
  while (passes.length < 5) {
    const pass = await keeper.pass();
    passes.push(pass);
    if (pass.endsWith('rest')) return passes;
    expectServing();
    keeper.settle();
  }
  throw new Error(`no rest: ${passes.join(', ')}`);
}

const COLD_START = 'store-authority:no-ca publish issue:no-leaf rest';

/** Each makes keys, which takes its time where many tests run at once. */
const PATIENT = { timeout: 60_000 };

describe('a pass', PATIENT, () => {
  it('makes everything where there is nothing, and then rests', async () => {
    expect(await keeper.pass()).toBe(COLD_START);
    expectServing();
    expect(Object.keys(store.authority ?? {})).toEqual(['ca.crt', 'ca.key', 'rotation.json']);
    expect(Object.keys(store.serving ?? {})).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
    expect(await keeper.pass()).toBe('rest');
  });

  it('gives a CA a year and a leaf thirty days, both valid since an hour', async () => {
    await keeper.pass();
    const days = (pem: string | undefined): number => {
      const { validFromDate, validToDate } = new X509Certificate(pem ?? '');
      expect(validFromDate).toEqual(new Date(START.getTime() - 3_600_000));
      return (validToDate.getTime() - START.getTime()) / 86_400_000;
    };
    expect(days(store.authority?.['ca.crt'])).toBe(365);
    expect(days(store.serving?.['tls.crt'])).toBe(30);
  });

  it('renews the leaf at about two thirds of its life, under the same CA', async () => {
    await keeper.pass();
    keeper.waitDays(18);
    expect(await keeper.pass()).toBe('rest');
    keeper.waitDays(2.5);
    expect(await keeper.pass()).toBe('store-authority:reserve issue:due rest');
    expectServing();
    expect(trusted()).toBe(1);
  });

  it('rolls the CA in phases, each of them read back, and forgets the old one after its last leaf', async () => {
    await keeper.pass();
    for (let day = 0; day < 220; day += 10) {
      keeper.waitDays(10);
      await keeper.pass();
    }
    keeper.waitDays(25);
    expect(await keeper.pass()).toContain('store-authority:introduce publish store-bundle settle');
    expectServing();
    expect(trusted()).toBe(2);
    keeper.wait(60_000);
    expect(await keeper.pass()).toBe('settle');
    keeper.settle();
    expect(await keeper.pass()).toMatch(/^store-authority:promote issue:other-ca (settle|rest)$/);
    expectServing();
    expect(trusted()).toBe(2);
    for (let day = 0; day < 40; day += 10) {
      expect(trusted()).toBe(2);
      keeper.waitDays(10);
      await keeper.pass();
      keeper.settle();
      await keeper.pass();
      expectServing();
    }
    expect(trusted()).toBe(1);
    expect(store.serving?.['ca.crt']).toBe(store.authority?.['ca.crt']);
    expect(await keeper.pass()).toBe('rest');
  });

  it('does not go on where what was published is not there to be read back', async () => {
    await keeper.pass();
    keeper.waitDays(244);
    store.onWrite = (what) => {
      if (what === 'publish') throw new KubernetesError('forbidden', 'PATCH: 403', { status: 403 });
    };
    await expect(keeper.pass()).rejects.toMatchObject({ code: 'forbidden' });
    for (let round = 0; round < 3; round++) {
      keeper.settle();
      await expect(keeper.pass()).rejects.toMatchObject({ code: 'forbidden' });
      expect(store.authority).toHaveProperty(['next.crt']);
      expect(trusted()).toBe(1);
      expectServing();
    }
  });

  it('gives webhooks a certificate even where nothing can be published', async () => {
    store.onWrite = (what) => {
      if (what === 'publish') throw new KubernetesError('forbidden', 'PATCH: 403', { status: 403 });
    };
    await expect(keeper.pass()).rejects.toMatchObject({ code: 'forbidden' });
    expect(inspectServing(store.serving, store.authority?.['ca.crt'], keeper.now).kind).toBe('valid');
  });

  it('needs no webhook configuration, and publishes when one is installed', async () => {
    store.entries = undefined;
    expect(await keeper.pass()).toBe('store-authority:no-ca issue:no-leaf rest');
    store.entries = [undefined, undefined];
    expect(await keeper.pass()).toBe('publish rest');
    expectServing();
  });

  it('writes nothing when it leads no longer', async () => {
    store.onWrite = () => {
      throw notLeading();
    };
    await expect(keeper.pass()).rejects.toThrow('leads no longer');
    expect(store.authority).toBeUndefined();
  });

  it('reads anew where somebody was faster', async () => {
    let first = true;
    store.onWrite = () => {
      if (first) store.authority = {};
      first = false;
    };
    expect(await keeper.pass()).toBe(COLD_START);
    expectServing();
  });

  it('gives up for now where somebody is faster every time', async () => {
    store.onWrite = (what) => {
      store.version++;
      store.authority ??= {};
      if (what !== 'authority') throw new Error('only the first step is tried');
    };
    await expect(keeper.pass()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('whatever happens to what is stored', PATIENT, () => {
  /** Made once: keys take most of the time. */
  const made = new MemoryStore();

  beforeAll(async () => {
    expect(await new TestKeeper(made, START).pass()).toBe(COLD_START);
  });

  beforeEach(async () => {
    const { authority, serving, entries, version } = made;
    Object.assign(store, structuredClone({ authority, serving, entries, version }));
    expect(await keeper.pass()).toBe('rest');
    keeper.waitDays(5);
  });

  const faults: readonly (readonly [string, () => void, string])[] = [
    [
      'the serving Secret is deleted',
      () => (store.serving = undefined),
      'store-authority:reserve issue:no-leaf rest',
    ],
    [
      'the serving Secret is emptied',
      () => (store.serving = {}),
      'store-authority:reserve issue:no-leaf rest',
    ],
    [
      'the serving Secret is filled with garbage',
      () => (store.serving = { 'tls.crt': 'garbage', 'tls.key': 'garbage', 'ca.crt': 'garbage' }),
      'store-authority:reserve issue:no-leaf rest',
    ],
    [
      'the key does not fit its certificate',
      () => (store.serving = { ...store.serving, 'tls.key': store.authority?.['ca.key'] ?? '' }),
      'store-authority:reserve issue:no-leaf rest',
    ],
    [
      'the bundle beside the leaf is garbage',
      () => (store.serving = { ...store.serving, 'ca.crt': 'garbage' }),
      'store-bundle rest',
    ],
    ['an entry is emptied', () => store.entries?.fill(undefined, 0, 1), 'publish rest'],
    ['an entry is given garbage', () => store.entries?.fill('garbage'), 'publish rest'],
    [
      'the CA Secret is deleted',
      () => (store.authority = undefined),
      'store-authority:no-ca publish store-bundle settle',
    ],
    [
      'the CA Secret is emptied',
      () => (store.authority = {}),
      'store-authority:no-ca publish store-bundle settle',
    ],
    [
      'the CA Secret is filled with garbage',
      () => (store.authority = { 'ca.crt': 'x', 'ca.key': 'x', 'next.crt': 'x', 'rotation.json': '{}' }),
      'store-authority:no-ca publish store-bundle settle',
    ],
    [
      'the key of the CA is garbage',
      () => (store.authority = { ...store.authority, 'ca.key': 'x' }),
      'store-authority:no-ca publish store-bundle settle',
    ],
    [
      'the record is garbage',
      () => (store.authority = { ...store.authority, 'rotation.json': '[' }),
      'store-authority:mend rest',
    ],
  ];

  it.each(faults)(
    '%s: the leaf that is served stays trusted, and it serves on',
    async (_fault, harm, steps) => {
      const served = store.serving;
      harm();
      expect(await keeper.pass()).toBe(steps);
      expectServing();
      for (const bundle of store.entries ?? []) {
        expect(inspectServing(served, bundle, keeper.now).kind).toBe('valid');
      }
    },
  );

  it('a lost CA is replaced for good once its successor has settled', async () => {
    store.authority = undefined;
    await keeper.pass();
    keeper.settle();
    expect(await keeper.pass()).toMatch(/^issue:other-ca (settle|rest)$/);
    expectServing();
    for (let round = 0; round < 4; round++) {
      keeper.waitDays(14);
      await keeper.pass();
      keeper.settle();
      await keeper.pass();
      expectServing();
    }
    expect(trusted()).toBe(1);
  });

  it('everything lost at once is made anew', async () => {
    store.authority = {};
    store.serving = {};
    store.entries = ['', ''];
    expect(await keeper.pass()).toBe(COLD_START);
    expectServing();
  });

  it('a certificate of somebody else stays trusted while it serves, and is then replaced', async () => {
    const ca = await issueCa({ commonName: 'somebody else', now: keeper.now });
    const leaf = await issueServing({ ca, names: SERVING_NAMES, now: keeper.now });
    store.serving = { 'tls.crt': leaf.certificate, 'tls.key': leaf.key, 'ca.crt': ca.certificate };
    expect(await keeper.pass()).toBe('store-authority:mend publish store-bundle settle');
    expectServing();
    expect(trusted()).toBe(2);
    keeper.settle();
    expect(await keeper.pass()).toContain('issue:other-ca');
    expectServing();
  });

  it.each([400, -2 / 24])('clocks that jump by %d days find a leaf that serves then', async (days) => {
    keeper.jumpDays(-5);
    keeper.jumpDays(days);
    await keeper.pass();
    expectServing();
    keeper.jumpDays(-days);
    await keeper.pass();
    expectServing();
  });

  it.each(FOREIGN_KINDS)('a CA with %s is put in: the leaf verifies by one that signs', async (kind) => {
    const served = store.serving;
    const foreign = makeForeignCa(kind, keeper.now);
    store.authority = { ...store.authority, 'ca.crt': foreign.certificate, 'ca.key': foreign.key };
    const passes = await passToRest();
    expect(passes[0]).toMatch(USABLE.includes(kind) ? /^store-authority:mend / : /^store-authority:no-ca /);
    expect(passes.join(' ').match(/issue/g)).toHaveLength(1);
    expectServing();
    expect(store.authority['ca.crt'] === foreign.certificate).toBe(USABLE.includes(kind));
    expect(inspectServing(store.serving, store.authority['ca.crt'], keeper.now).kind).toBe('valid');
    // Pods that have not got the new one yet.
    expect(inspectServing(served, store.entries?.[0], keeper.now).kind).toBe('valid');
  });

  it('a CA whose leaves do not verify is replaced before one of them is stored', async () => {
    const ca = await issueCa({ commonName: 'deceptive', now: keeper.now });
    deceptive.add(ca.certificate);
    const served = store.serving;
    store.authority = { ...store.authority, 'ca.crt': ca.certificate, 'ca.key': ca.key };
    expect(await passToRest()).toEqual([
      'store-authority:mend publish store-bundle settle',
      'store-authority:no-ca publish store-bundle settle',
      'issue:other-ca rest',
    ]);
    expectServing();
    expect(store.authority['ca.crt']).not.toBe(ca.certificate);
    expect(inspectServing(served, store.entries?.[0], keeper.now).kind).toBe('valid');
  });

  it('a leaf that is taken away every time is not made again and again', async () => {
    let issued = 0;
    const stolen = store.serving ?? {};
    store.serving = {};
    const write = store.writeServing.bind(store);
    store.writeServing = async (change, version) => {
      await write(change, version);
      // Somebody takes it away every time.
      if ('tls.crt' in change) issued++;
      store.serving = {};
    };
    await expect(keeper.pass()).rejects.toThrow('no rest: issue (no-leaf) was done 4 times to no effect');
    expect(issued).toBe(4);
    Object.assign(store, { writeServing: write, serving: stolen });
    expect(await keeper.pass()).toBe('rest');
  });

  it('other names are certified at once', async () => {
    const ca = { certificate: store.authority?.['ca.crt'] ?? '', key: store.authority?.['ca.key'] ?? '' };
    const leaf = await issueServing({ ca, names: ['elsewhere'], now: keeper.now });
    store.serving = { ...store.serving, 'tls.crt': leaf.certificate, 'tls.key': leaf.key };
    expect(await keeper.pass()).toBe('store-authority:reserve issue:wrong-names rest');
    expectServing();
  });
});
