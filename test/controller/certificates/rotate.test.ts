import { notLeading } from '../not-leading.ts';
import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CertificateError } from '../../../src/certificates/error.ts';
import type * as Issue from '../../../src/certificates/issue.ts';
import { issueCa, issueServing } from '../../../src/certificates/issue.ts';
import { readCertificates } from '../../../src/certificates/certificate.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { FOREIGN_KINDS, makeForeignCa, USABLE } from '../../certificates/foreign.ts';
import { inspectServing, SERVING_NAMES, TestRotation } from './test-rotation.ts';
import { MemoryStore } from './memory-store.ts';

// Another file of this worker may have loaded issue.ts before it is mocked here.
vi.hoisted(() => {
  vi.resetModules();
});

/** CAs that look usable, but whose leaves do not verify. */
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
let rotation: TestRotation;

beforeEach(() => {
  store = new MemoryStore();
  rotation = new TestRotation(store, START);
});

/** How many CAs the first entry trusts. */
function trusted(): number {
  const read = readCertificates(store.entries?.[0] ?? '');
  return read.kind === 'read' ? read.certificates.length : 0;
}

function expectServing(): void {
  expect(store.entries).toHaveLength(2);
  for (const bundle of store.entries ?? []) {
    expect(inspectServing(store.serving, bundle, rotation.now)).toMatchObject({ kind: 'valid' });
  }
  expect(inspectServing(store.serving, store.serving?.['ca.crt'], rotation.now).kind).toBe('valid');
}

/** Rotates and waits until nothing is left to do; the steps of each rotation. */
async function rotateToRest(): Promise<string[]> {
  const rotations = [];
  while (rotations.length < 5) {
    const steps = await rotation.rotate();
    rotations.push(steps);
    if (steps.endsWith('rest')) return rotations;
    expectServing();
    rotation.settle();
  }
  throw new Error(`no rest: ${rotations.join(', ')}`);
}

const COLD_START = 'store-authority:no-ca publish issue:no-leaf rest';

/** Each makes keys, which takes its time where many tests run at once. */
const PATIENT = { timeout: 60_000 };

describe('a rotation', PATIENT, () => {
  it('creates everything where nothing is stored, and then rests', async () => {
    expect(await rotation.rotate()).toBe(COLD_START);
    expectServing();
    expect(Object.keys(store.authority ?? {})).toEqual(['ca.crt', 'ca.key', 'rotation.json']);
    expect(Object.keys(store.serving ?? {})).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
    expect(await rotation.rotate()).toBe('rest');
  });

  it('gives a CA a year and a leaf thirty days, both valid since an hour', async () => {
    await rotation.rotate();
    const days = (pem: string | undefined): number => {
      const { validFromDate, validToDate } = new X509Certificate(pem ?? '');
      expect(validFromDate).toEqual(new Date(START.getTime() - 3_600_000));
      return (validToDate.getTime() - START.getTime()) / 86_400_000;
    };
    expect(days(store.authority?.['ca.crt'])).toBe(365);
    expect(days(store.serving?.['tls.crt'])).toBe(30);
  });

  it('renews the leaf at about two thirds of its life, under the same CA', async () => {
    await rotation.rotate();
    rotation.waitDays(18);
    expect(await rotation.rotate()).toBe('rest');
    rotation.waitDays(2.5);
    expect(await rotation.rotate()).toBe('store-authority:reserve issue:due rest');
    expectServing();
    expect(trusted()).toBe(1);
  });

  it('rolls the CA in phases, each of them read back, and forgets the old one after its last leaf', async () => {
    await rotation.rotate();
    for (let day = 0; day < 220; day += 10) {
      rotation.waitDays(10);
      await rotation.rotate();
    }
    rotation.waitDays(25);
    expect(await rotation.rotate()).toContain('store-authority:introduce publish store-bundle settle');
    expectServing();
    expect(trusted()).toBe(2);
    rotation.wait(60_000);
    expect(await rotation.rotate()).toBe('settle');
    rotation.settle();
    expect(await rotation.rotate()).toMatch(/^store-authority:promote issue:other-ca (settle|rest)$/);
    expectServing();
    expect(trusted()).toBe(2);
    for (let day = 0; day < 40; day += 10) {
      expect(trusted()).toBe(2);
      rotation.waitDays(10);
      await rotation.rotate();
      rotation.settle();
      await rotation.rotate();
      expectServing();
    }
    expect(trusted()).toBe(1);
    expect(store.serving?.['ca.crt']).toBe(store.authority?.['ca.crt']);
    expect(await rotation.rotate()).toBe('rest');
  });

  it('does not go on until the published bundle can be read back', async () => {
    await rotation.rotate();
    rotation.waitDays(244);
    store.onWrite = (what) => {
      if (what === 'publish') throw new KubernetesError('forbidden', 'PATCH: 403', { status: 403 });
    };
    await expect(rotation.rotate()).rejects.toMatchObject({ code: 'forbidden' });
    for (let round = 0; round < 3; round++) {
      rotation.settle();
      await expect(rotation.rotate()).rejects.toMatchObject({ code: 'forbidden' });
      expect(store.authority).toHaveProperty(['next.crt']);
      expect(trusted()).toBe(1);
      expectServing();
    }
  });

  it('gives webhooks a certificate even if it cannot publish the bundle', async () => {
    store.onWrite = (what) => {
      if (what === 'publish') throw new KubernetesError('forbidden', 'PATCH: 403', { status: 403 });
    };
    await expect(rotation.rotate()).rejects.toMatchObject({ code: 'forbidden' });
    expect(inspectServing(store.serving, store.authority?.['ca.crt'], rotation.now).kind).toBe('valid');
  });

  it('needs no webhook configuration, and publishes when one is installed', async () => {
    store.entries = undefined;
    expect(await rotation.rotate()).toBe('store-authority:no-ca issue:no-leaf rest');
    store.entries = [undefined, undefined];
    expect(await rotation.rotate()).toBe('publish rest');
    expectServing();
  });

  it('writes nothing after the leadership is lost', async () => {
    store.onWrite = () => {
      throw notLeading();
    };
    await expect(rotation.rotate()).rejects.toThrow('leads no longer');
    expect(store.authority).toBeUndefined();
  });

  it('reads again after another writer was faster', async () => {
    let first = true;
    store.onWrite = () => {
      if (first) store.authority = {};
      first = false;
    };
    expect(await rotation.rotate()).toBe(COLD_START);
    expectServing();
  });

  it('gives up for now when another writer is faster every time', async () => {
    store.onWrite = (what) => {
      store.version++;
      store.authority ??= {};
      if (what !== 'authority') throw new Error('only the first step is tried');
    };
    await expect(rotation.rotate()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('after a fault in what is stored', PATIENT, () => {
  /** Made once: keys take most of the time. */
  const made = new MemoryStore();

  beforeAll(async () => {
    expect(await new TestRotation(made, START).rotate()).toBe(COLD_START);
  });

  beforeEach(async () => {
    const { authority, serving, entries, version } = made;
    Object.assign(store, structuredClone({ authority, serving, entries, version }));
    expect(await rotation.rotate()).toBe('rest');
    rotation.waitDays(5);
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

  it.each(faults)('%s: the served leaf stays trusted and goes on serving', async (_fault, harm, steps) => {
    const served = store.serving;
    harm();
    expect(await rotation.rotate()).toBe(steps);
    expectServing();
    for (const bundle of store.entries ?? []) {
      expect(inspectServing(served, bundle, rotation.now).kind).toBe('valid');
    }
  });

  it('a lost CA is replaced for good once its successor has settled', async () => {
    store.authority = undefined;
    await rotation.rotate();
    rotation.settle();
    expect(await rotation.rotate()).toMatch(/^issue:other-ca (settle|rest)$/);
    expectServing();
    for (let round = 0; round < 4; round++) {
      rotation.waitDays(14);
      await rotation.rotate();
      rotation.settle();
      await rotation.rotate();
      expectServing();
    }
    expect(trusted()).toBe(1);
  });

  it('everything lost at once is created again', async () => {
    store.authority = {};
    store.serving = {};
    store.entries = ['', ''];
    expect(await rotation.rotate()).toBe(COLD_START);
    expectServing();
  });

  it('a certificate of another issuer stays trusted while it serves, and is then replaced', async () => {
    const ca = await issueCa({ commonName: 'another issuer', now: rotation.now });
    const leaf = await issueServing({ ca, names: SERVING_NAMES, now: rotation.now });
    store.serving = { 'tls.crt': leaf.certificate, 'tls.key': leaf.key, 'ca.crt': ca.certificate };
    expect(await rotation.rotate()).toBe('store-authority:mend publish store-bundle settle');
    expectServing();
    expect(trusted()).toBe(2);
    rotation.settle();
    expect(await rotation.rotate()).toContain('issue:other-ca');
    expectServing();
  });

  it.each([400, -2 / 24])('after a clock jump of %d days there is a leaf that serves then', async (days) => {
    rotation.jumpDays(-5);
    rotation.jumpDays(days);
    await rotation.rotate();
    expectServing();
    rotation.jumpDays(-days);
    await rotation.rotate();
    expectServing();
  });

  it.each(FOREIGN_KINDS)('a CA with %s is put in: the leaf verifies by a CA that signs', async (kind) => {
    const served = store.serving;
    const foreign = makeForeignCa(kind, rotation.now);
    store.authority = { ...store.authority, 'ca.crt': foreign.certificate, 'ca.key': foreign.key };
    const rotations = await rotateToRest();
    expect(rotations[0]).toMatch(
      USABLE.includes(kind) ? /^store-authority:mend / : /^store-authority:no-ca /,
    );
    expect(rotations.join(' ').match(/issue/g)).toHaveLength(1);
    expectServing();
    expect(store.authority['ca.crt'] === foreign.certificate).toBe(USABLE.includes(kind));
    expect(inspectServing(store.serving, store.authority['ca.crt'], rotation.now).kind).toBe('valid');
    // Pods that have not received the new one yet.
    expect(inspectServing(served, store.entries?.[0], rotation.now).kind).toBe('valid');
  });

  it('a CA whose leaves do not verify is replaced before one of them is stored', async () => {
    const ca = await issueCa({ commonName: 'deceptive', now: rotation.now });
    deceptive.add(ca.certificate);
    const served = store.serving;
    store.authority = { ...store.authority, 'ca.crt': ca.certificate, 'ca.key': ca.key };
    expect(await rotateToRest()).toEqual([
      'store-authority:mend publish store-bundle settle',
      'store-authority:no-ca publish store-bundle settle',
      'issue:other-ca rest',
    ]);
    expectServing();
    expect(store.authority['ca.crt']).not.toBe(ca.certificate);
    expect(inspectServing(served, store.entries?.[0], rotation.now).kind).toBe('valid');
  });

  it('a leaf that is removed every time is not issued again and again', async () => {
    let issued = 0;
    const stolen = store.serving ?? {};
    store.serving = {};
    const write = store.writeServing.bind(store);
    store.writeServing = async (change, version) => {
      await write(change, version);
      // Another writer removes it every time.
      if ('tls.crt' in change) issued++;
      store.serving = {};
    };
    await expect(rotation.rotate()).rejects.toThrow('no rest: issue (no-leaf) was done 4 times to no effect');
    expect(issued).toBe(4);
    Object.assign(store, { writeServing: write, serving: stolen });
    expect(await rotation.rotate()).toBe('rest');
  });

  it('other names are certified at once', async () => {
    const ca = { certificate: store.authority?.['ca.crt'] ?? '', key: store.authority?.['ca.key'] ?? '' };
    const leaf = await issueServing({ ca, names: ['elsewhere'], now: rotation.now });
    store.serving = { ...store.serving, 'tls.crt': leaf.certificate, 'tls.key': leaf.key };
    expect(await rotation.rotate()).toBe('store-authority:reserve issue:wrong-names rest');
    expectServing();
  });
});
