import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import { readCertificates } from '../../src/certificates/pem.ts';
import { KubernetesError } from '../../src/kubernetes/error.ts';
import { inspectServing, SERVING_NAMES, TestKeeper } from './certificate-keeper.ts';
import { MemoryStore } from './memory-store.ts';

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
    expect(inspectServing(store.serving, bundle, keeper.now)).toMatchObject({ kind: 'sound' });
  }
  expect(inspectServing(store.serving, store.serving?.['ca.crt'], keeper.now).kind).toBe('sound');
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
    expect(await keeper.pass()).toContain('store-authority:introduce publish accompany settle');
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
    expect(inspectServing(store.serving, store.authority?.['ca.crt'], keeper.now).kind).toBe('sound');
  });

  it('needs no webhook configuration, and publishes when one is installed', async () => {
    store.entries = undefined;
    expect(await keeper.pass()).toBe('store-authority:no-ca issue:no-leaf rest');
    store.entries = [undefined, undefined];
    expect(await keeper.pass()).toBe('publish rest');
    expectServing();
  });

  it('writes nothing when it leads no longer', async () => {
    keeper.mayWrite = false;
    expect(await keeper.pass()).toBe('not-leading');
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
  beforeEach(async () => {
    await keeper.pass();
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
      'accompany rest',
    ],
    ['an entry is emptied', () => store.entries?.fill(undefined, 0, 1), 'publish rest'],
    ['an entry is given garbage', () => store.entries?.fill('garbage'), 'publish rest'],
    [
      'the CA Secret is deleted',
      () => (store.authority = undefined),
      'store-authority:no-ca publish accompany settle',
    ],
    [
      'the CA Secret is emptied',
      () => (store.authority = {}),
      'store-authority:no-ca publish accompany settle',
    ],
    [
      'the CA Secret is filled with garbage',
      () => (store.authority = { 'ca.crt': 'x', 'ca.key': 'x', 'next.crt': 'x', 'rotation.json': '{}' }),
      'store-authority:no-ca publish accompany settle',
    ],
    [
      'the key of the CA is garbage',
      () => (store.authority = { ...store.authority, 'ca.key': 'x' }),
      'store-authority:no-ca publish accompany settle',
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
        expect(inspectServing(served, bundle, keeper.now).kind).toBe('sound');
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
    expect(await keeper.pass()).toBe('store-authority:mend publish accompany settle');
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

  it('other names are certified at once', async () => {
    const ca = { certificate: store.authority?.['ca.crt'] ?? '', key: store.authority?.['ca.key'] ?? '' };
    const leaf = await issueServing({ ca, names: ['elsewhere'], now: keeper.now });
    store.serving = { ...store.serving, 'tls.crt': leaf.certificate, 'tls.key': leaf.key };
    expect(await keeper.pass()).toBe('store-authority:reserve issue:wrong-names rest');
    expectServing();
  });
});
