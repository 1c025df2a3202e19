/**
 * `npm run demo`: starts the webhook on loopback over TLS and sends it the pods of this folder as the API
 * server would. No cluster needed.
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { parse } from 'yaml';
import { fixedNamespaces } from '../src/admission/settings.ts';
import { startWebhook } from '../src/admission/webhook.ts';
import { INJECTION_ENABLED, INJECTION_LABEL } from '../src/config/opt-in.ts';
import { ensureDevelopmentCertificate } from '../src/cli/development-certificate.ts';
import { loadConfig } from '../src/config/load.ts';
import { printDiff } from '../src/manifests/print.ts';
import { editYaml } from '../src/manifests/edit.ts';
import { readManifests } from '../src/manifests/manifest.ts';
import type { AddOperation } from '../src/injection/patch.ts';

interface Response {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly status?: { readonly code: number; readonly message: string };
}

const here = (file: string): Promise<string> => readFile(new URL(file, import.meta.url), 'utf8');

const nothing = (): void => undefined;
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', () => process.exit());

const loaded = loadConfig(await here('config.yaml'));
if (loaded.kind === 'invalid') throw new Error('examples/config.yaml has problems');
const files = await ensureDevelopmentCertificate('certs', new Date());
const ca = await readFile(files.ca, 'utf8');
const webhook = await startWebhook({
  config: loaded.config,
  files,
  namespaces: fixedNamespaces({ [INJECTION_LABEL]: INJECTION_ENABLED }),
  observer: { started: nothing, finished: nothing, certificate: nothing, certificateFault: nothing },
  health: { checks: {}, metrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }) },
  host: '127.0.0.1',
  port: 0,
  healthPort: 0,
  maxInFlight: 10,
  maxBodyBytes: 1 << 26,
  clients: undefined,
  drain: { quietMs: 0, maxMs: 0 },
});
const port = (await webhook.listening) ?? 0;
console.log(`The webhook serves https://127.0.0.1:${port}/mutate with the certificate in certs/.\n`);

try {
  await show('1. A workload asks for an output of the shared tbot', 'consumer.yaml');
  await show('2. A pod runs tbot itself', 'tbot.yaml');
  await show('3. Mistakes are refused, all at once, each with its fix', 'refused.yaml');
} finally {
  await webhook.stop();
}
console.log('Next: npx tbot-injector explain, npx tbot-injector inject --help');

async function show(title: string, file: string): Promise<void> {
  const text = await here(file);
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const response = await review(parse(text));
  console.log(`== ${title} (examples/${file})\n`);
  if (response.patch !== undefined) {
    const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as AddOperation[];
    const read = readManifests(text);
    const [manifest] = read.kind === 'read' ? read.manifests : [];
    if (manifest !== undefined) console.log(printDiff(file, text, editYaml(manifest, patch), colours));
  }
  if (!response.allowed)
    console.log(`refused (${response.status?.code ?? 0}): ${response.status?.message ?? ''}\n`);
  for (const warning of response.warnings ?? []) console.log(`warning: ${warning}\n`);
}

function review(object: unknown): Promise<Response> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: crypto.randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'default',
      object,
    },
  });
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      ca,
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
    };
    const sent = request(`https://127.0.0.1:${port}/mutate?timeout=5s`, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        resolve((JSON.parse(text) as { response: Response }).response);
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
