import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKubernetesYaml } from '../../src/config/yaml.ts';
import { injectText, run } from './fixture.ts';

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: app
  annotations:
    tbot-injector.io/outputs: identity-output
spec:
  securityContext: {fsGroup: 1000}
  containers:
    - name: app # keep
`;
const OTHER = `# a comment
apiVersion: v1
kind:   ConfigMap
metadata: {name: x}   # another
data: {port: 0440, on: yes}
`;
const REFUSED = POD.replace('identity-output', 'nothing');

const values = (text: string): unknown[] =>
  parseKubernetesYaml(text).map((document) => document.toJS() as unknown);

describe('inject', () => {
  it('adds what is asked for and leaves other documents as they were, byte for byte', async () => {
    const { code, stdout, stderr } = await injectText(`${OTHER}---\n${POD}---\n${OTHER}`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(`${OTHER}---\n`)).toBe(true);
    expect(stdout.endsWith(`---\n${OTHER}`)).toBe(true);
    expect(stdout).toContain('    - name: app # keep\n      env:\n        - name: TELEPORT_PROXY\n');
  });

  it('changes nothing when its own output is injected', async () => {
    const { stdout } = await injectText(POD);
    expect((await injectText(stdout)).stdout).toBe(stdout);
  });

  it('gives one JSON document for one', async () => {
    const { stdout } = await injectText(JSON.stringify(values(POD)[0]));
    expect(JSON.parse(stdout)).toHaveProperty('spec.volumes.0.secret.secretName', 'identity-output');
  });

  it('prints YAML as JSON with the meaning that kubectl gives it', async () => {
    expect(JSON.parse((await injectText(OTHER, '-o', 'json')).stdout)).toHaveProperty('data', {
      port: 0o440,
      true: true,
    });
  });

  it('keeps every digit in JSON', async () => {
    const text = JSON.stringify(values(POD)[0]).replace(
      '"fsGroup":1000',
      '"fsGroup":1000,"other":9007199254740993',
    );
    expect((await injectText(text)).stdout).toContain('"other": 9007199254740993');
  });

  it('prints the patch alone, for kubectl patch --type=json', async () => {
    const { stdout } = await injectText(POD, '-o', 'patch');
    expect(JSON.parse(stdout)).toMatchObject([
      { op: 'add', path: '/spec/volumes' },
      { op: 'add', path: '/spec/containers/0/env' },
      { op: 'add', path: '/spec/containers/0/volumeMounts' },
      { op: 'add', path: '/metadata/annotations/tbot-injector.io~1injected' },
    ]);
  });

  it('prints a diff that only adds', async () => {
    const { stdout } = await injectText(POD, '-o', 'diff');
    const changed = stdout.split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
    expect(changed.length).toBeGreaterThan(10);
    expect(changed.filter((line) => line.startsWith('-'))).toEqual([]);
  });

  it('prints nothing if an object is refused, so that a pipe never applies half of a file', async () => {
    const { code, stdout, stderr } = await injectText(`${POD}---\n${REFUSED}`);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      '-: Pod app: refused: tbot-injector.io/outputs: found "nothing"; expected an output granted to namespace default: identity-output. Fix: ask your platform team to grant "nothing" to namespace default\n',
    );
  });

  it('looks into a List', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [...values(OTHER), ...values(POD)] };
    const { stdout } = await injectText(JSON.stringify(list), '-o', 'patch');
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ path: '/items/1/spec/volumes' }));
  });

  it('grants by the namespace of the object, then by -n', async () => {
    const asking = POD.replace('identity-output', 'payments-db');
    expect((await injectText(asking)).code).toBe(1);
    expect((await injectText(asking, '-n', 'payments')).code).toBe(0);
    expect((await injectText(asking.replace('name: app\n', 'name: app\n  namespace: payments\n'))).code).toBe(
      0,
    );
  });

  it('takes the namespace as opted in, unless its labels say otherwise', async () => {
    const labels = ['--namespace-labels', 'team=x, tbot-injector.io/injection=disabled'];
    const { code, stdout, stderr } = await injectText(POD, ...labels);
    expect([code, stdout]).toEqual([0, POD]);
    expect(stderr).toBe(
      '-: Pod app: warning: namespace default has no label tbot-injector.io/injection=enabled: the pod is left as it is\n',
    );
  });

  it('warns of an annotation on the Deployment instead of its template', async () => {
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop, annotations: {tbot-injector.io/outputs: identity-output}}
spec: {template: {spec: {containers: [{name: app}]}}}
`;
    const { code, stdout, stderr } = await injectText(deployment);
    expect([code, stdout]).toEqual([0, deployment]);
    expect(stderr).toBe(
      '-: Deployment shop/app: warning: tbot-injector.io/outputs on the Deployment itself has no effect: move it to spec.template.metadata.annotations\n',
    );
  });

  it.each([
    ['no YAML', 'a: [', 'expected YAML or JSON'],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      'Excessive alias count',
    ],
  ])('says what is wrong with a file that cannot be read: %s', async (_name, text, message) => {
    const { code, stdout, stderr } = await injectText(text);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('passes on an empty file', async () => {
    expect(await injectText('')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await injectText('# only a comment\n')).toEqual({
      code: 0,
      stdout: '# only a comment\n',
      stderr: '',
    });
  });
});

describe('inject with files', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'inject-'));
    await writeFile(join(dir, 'pod.yaml'), POD);
    await writeFile(join(dir, 'other.yaml'), OTHER);
    await writeFile(join(dir, 'bad.yaml'), 'teleport: {}\nbots: []\n');
    await writeFile(join(dir, 'odd.yaml'), `${CONFIG}        tbot: {type: identity, new_field: 1}\n`);
  });
  afterAll(() => rm(dir, { recursive: true }));

  const CONFIG = `teleport: {clusterName: a, proxyServer: "a:443"}
tbot: {version: 18.8.1}
bots:
  b:
    join: {method: iam, token: t}
    namespaces: {names: [default]}
    outputs:
      identity-output:
`;

  it('keeps several files apart', async () => {
    const files = ['-f', join(dir, 'other.yaml'), '-f', join(dir, 'pod.yaml')];
    const { stdout } = await run(['inject', ...files, '--config', 'examples/config.yaml']);
    expect(stdout.startsWith(`${OTHER}---\napiVersion`)).toBe(true);
    expect(values(stdout)).toHaveLength(2);
  });

  it('reports every problem of the configuration', async () => {
    const { code, stderr } = await run(['inject', '-f', '-', '--config', join(dir, 'bad.yaml')]);
    expect(code).toBe(2);
    for (const path of ['teleport.clusterName', 'teleport.proxyServer', 'tbot', 'bots'])
      expect(stderr).toContain(`\n  - ${path}: `);
  });

  it('passes on what the configuration warns of', async () => {
    const { code, stderr } = await run([
      'inject',
      '-f',
      join(dir, 'pod.yaml'),
      '--config',
      join(dir, 'odd.yaml'),
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'odd.yaml: warning: bots.b.outputs.identity-output.tbot.new_field: found a field that is not known',
    );
  });
});
