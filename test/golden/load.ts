import { readdir, readFile } from 'node:fs/promises';
import { entries, field } from '../../src/config/raw.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { parseKubernetesYaml } from '../../src/config/yaml.ts';
import type { NamespaceFacts } from '../../src/grants/grants.ts';
import type { AddOperation } from '../../src/injection/patch.ts';
import type { SkipReason } from '../../src/injection/decide.ts';

/** The outcome of a manifest, with the printed warnings and problems. */
export type Expected =
  | { readonly kind: 'inject'; readonly patch: readonly AddOperation[]; readonly warnings: readonly string[] }
  | { readonly kind: 'refuse'; readonly problems: readonly string[] }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] };

/** A manifest with one object that has a pod or a pod template. */
export interface Manifest {
  readonly name: string;
  readonly text: string;
  readonly object: unknown;
  readonly namespace: string;
}

export interface Golden extends Manifest {
  readonly expected: Expected;
}

/** The platform of all goldens. */
export interface Platform {
  readonly config: Config;
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
}

export async function loadGoldens(): Promise<readonly Golden[]> {
  const manifests = await loadManifests();
  return Promise.all(
    manifests.map(async (manifest) => ({ ...manifest, ...(await loadVerdict(manifest.name)) })),
  );
}

export async function loadManifests(): Promise<readonly Manifest[]> {
  const files = await readdir(here('./'), { withFileTypes: true });
  const folders = files.filter((file) => file.isDirectory()).map((file) => file.name);
  return Promise.all(folders.sort().map(loadManifest));
}

async function loadManifest(name: string): Promise<Manifest> {
  const text = await readFile(here(`${name}/pod.yaml`), 'utf8');
  const object = parseKubernetesYaml(text)[0]?.toJS() as unknown;
  const namespace = field(field(object, 'metadata'), 'namespace');
  if (typeof namespace !== 'string') throw new Error(`golden ${name} names no namespace`);
  return { name, text, object, namespace };
}

/** A folder has the manifest, exactly one outcome, and optional warnings. */
async function loadVerdict(name: string): Promise<{ expected: Expected }> {
  const files = new Set(await readdir(here(name)));
  files.delete('pod.yaml');
  const lines = async (file: string): Promise<string[]> =>
    files.delete(file) ? (await readFile(here(`${name}/${file}`), 'utf8')).trimEnd().split('\n') : [];
  const warnings = await lines('warnings.txt');
  const [verdict, ...others] = files;
  if (verdict === undefined || others.length > 0)
    throw new Error(`golden ${name}: expected one verdict, found ${[...files].join(', ') || 'none'}`);
  const text = await lines(verdict);
  switch (verdict) {
    case 'expected.patch.json':
      return { expected: { kind: 'inject', patch: JSON.parse(text.join('\n')) as AddOperation[], warnings } };
    case 'problems.txt':
      return { expected: { kind: 'refuse', problems: text } };
    case 'skipped.txt':
      return { expected: { kind: 'skip', reason: text.join('\n') as SkipReason, warnings } };
    default:
      throw new Error(`golden ${name} holds an unknown file ${verdict}`);
  }
}

export async function loadPlatform(): Promise<Platform> {
  const loaded = loadConfig(await readFile(here('config.yaml'), 'utf8'));
  if (loaded.kind === 'invalid') throw new Error('the configuration of the goldens has problems');
  const documents = parseKubernetesYaml(await readFile(here('namespaces.yaml'), 'utf8'));
  const namespaces = documents.map((document) => toNamespace(document.toJS()));
  return { config: loaded.config, namespaces: new Map(namespaces.map((each) => [each.name, each])) };
}

function toNamespace(object: unknown): NamespaceFacts {
  const metadata = field(object, 'metadata');
  const labels = entries(field(metadata, 'labels')).map(([key, value]) => [key, String(value)] as const);
  return { name: String(field(metadata, 'name')), labels: Object.fromEntries(labels) };
}

export function here(path: string): URL {
  return new URL(path, import.meta.url);
}
