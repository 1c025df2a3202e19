import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, expect, it } from 'vitest';
import {
  ensureDevelopmentCertificate,
  type CertificateFiles,
} from '../../src/cli/development-certificate.ts';
import { inspectPair } from '../../src/certificates/inspect.ts';
import type { Inspection } from '../../src/certificates/validity.ts';
import { DAY_MS } from '../../src/certificates/renewal.ts';

const now = new Date();
const root = await mkdtemp(join(tmpdir(), 'tbot-injector-certs-'));
let dir = root;

beforeEach(async () => {
  dir = join(await mkdtemp(join(root, 'case-')), 'certs');
});
afterAll(() => rm(root, { recursive: true }));

it('makes a certificate for every loopback name, with keys that only the owner reads', async () => {
  const files = await ensureDevelopmentCertificate(dir, now);
  expect(await readdir(dir)).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  for (const name of ['localhost', '127.0.0.1', '::1']) {
    expect(await inspect(files, now, name)).toMatchObject({ kind: 'valid' });
  }
  expect((await stat(files.key)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, 'ca.key'))).mode & 0o777).toBe(0o600);
});

it('changes nothing while the certificate is valid and not due', async () => {
  await ensureDevelopmentCertificate(dir, now);
  const before = await contents();
  await ensureDevelopmentCertificate(dir, new Date(now.getTime() + 19 * DAY_MS));
  expect(await contents()).toEqual(before);
});

it('renews the certificate when two thirds of its life are over and keeps the CA', async () => {
  await ensureDevelopmentCertificate(dir, now);
  const before = await contents();
  const due = new Date(now.getTime() + 21 * DAY_MS);
  const files = await ensureDevelopmentCertificate(dir, due);
  const after = await contents();
  expect(after['tls.crt']).not.toBe(before['tls.crt']);
  expect(after['ca.crt']).toBe(before['ca.crt']);
  expect(await inspect(files, due)).toMatchObject({ kind: 'valid' });
});

it('renews the CA too when that is due', async () => {
  await ensureDevelopmentCertificate(dir, now);
  const before = await contents();
  const due = new Date(now.getTime() + 250 * DAY_MS);
  const files = await ensureDevelopmentCertificate(dir, due);
  expect((await contents())['ca.crt']).not.toBe(before['ca.crt']);
  expect(await inspect(files, due)).toMatchObject({ kind: 'valid' });
});

it.each(['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])(
  'repairs the folder after %s was spoilt',
  async (file) => {
    await ensureDevelopmentCertificate(dir, now);
    await writeFile(join(dir, file), 'spoilt');
    const files = await ensureDevelopmentCertificate(dir, new Date(now.getTime() + 21 * DAY_MS));
    expect(await inspect(files, new Date(now.getTime() + 21 * DAY_MS))).toMatchObject({ kind: 'valid' });
  },
);

it('gives the same valid files to processes that start together', async () => {
  const script = `
    import { ensureDevelopmentCertificate } from ${JSON.stringify(moduleUrl('cli/development-certificate'))};
    import { inspectPair } from ${JSON.stringify(moduleUrl('certificates/inspect'))};
    import { readFileSync } from 'node:fs';
    const files = await ensureDevelopmentCertificate(process.argv[1], new Date());
    const [ca, certificate, key] = [files.ca, files.certificate, files.key].map((f) => readFileSync(f, 'utf8'));
    console.log(inspectPair({ ca, certificate, key }, new Date()).kind + certificate);`;
  const start = (): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, dir]);
  const outputs = (await Promise.all([start(), start(), start()])).map(({ stdout }) => stdout);
  expect(outputs[0]).toMatch(/^valid/);
  expect(new Set(outputs).size).toBe(1);
});

it('is not stopped by the lock of a process that died', async () => {
  const lock = join(dir, '.lock');
  await mkdir(lock, { recursive: true });
  await utimes(lock, 0, 0);
  const files = await ensureDevelopmentCertificate(dir, now);
  expect(await inspect(files, now)).toMatchObject({ kind: 'valid' });
});

it('says which folder it could not use, with the cause', async () => {
  await writeFile(dir, 'a file where the folder should be');
  await expect(ensureDevelopmentCertificate(dir, now)).rejects.toMatchObject({
    code: 'io',
    message: expect.stringContaining(dir) as string,
    cause: expect.objectContaining({ code: 'ENOTDIR' }) as Error,
  });
});

function moduleUrl(name: string): string {
  return new URL(`../../src/${name}.ts`, import.meta.url).href;
}

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(dir);
  const entries = names.map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function inspect(files: CertificateFiles, at: Date, name?: string): Promise<Inspection> {
  const [ca, certificate, key] = await Promise.all(
    [files.ca, files.certificate, files.key].map((file) => readFile(file, 'utf8')),
  );
  const pair = { ca: ca ?? '', certificate: certificate ?? '', key: key ?? '' };
  return inspectPair(name === undefined ? pair : { ...pair, name }, at);
}
