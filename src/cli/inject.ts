import { field } from '../config/raw.ts';
import type { Config } from '../config/schema.ts';
import { createGrants } from '../grants/grants.ts';
import { decide } from '../injection/decide.ts';
import { misplacedAnnotations } from '../injection/misplaced.ts';
import { toPatch, type AddOperation } from '../injection/patch.ts';
import { readManifests, type Manifest, type Workload } from '../manifests/manifest.ts';
import { printProblem, type Problem } from '../problems/problem.ts';
import { EXIT, UsageError, type Command, type Io } from './command.ts';
import { CONFIG_OPTION, readConfig, readText } from './config-option.ts';
import { FORMATS, isFormat, printManifests, type Format } from './inject-output.ts';
import { LABELS_OPTION, readLabels } from './labels-option.ts';

/** `inject`: what the webhook would do, offline; the same core decides. */
export const inject: Command = {
  name: 'inject',
  summary: 'Injects manifests offline, just as the webhook would.',
  mostPositionals: 0,
  options: [
    {
      name: 'filename',
      short: 'f',
      value: 'FILE',
      multiple: true,
      doc: 'manifest to inject, YAML or JSON; - for stdin',
    },
    {
      name: 'output',
      short: 'o',
      value: 'FORMAT',
      choices: FORMATS,
      doc: `one of ${FORMATS.join(', ')}; by default that of the input`,
    },
    CONFIG_OPTION,
    {
      name: 'namespace',
      short: 'n',
      value: 'NAME',
      default: 'default',
      doc: 'namespace of objects that name none',
    },
    LABELS_OPTION,
  ],
  async run(args, io) {
    const files = args.texts('filename');
    if (files.length === 0) throw new UsageError('inject: found no -f; expected -f FILE, or -f - for stdin');
    const config = await readConfig(args, io);
    const judge = createOfflineJudge(config, args.text('namespace') ?? '', readLabels(args));
    const format = args.text('output');
    let refused = false;
    const texts: string[] = [];
    for (const file of files) {
      const text = file === '-' ? await io.stdin() : await readText(file, '-f');
      const injected = injectText(text, file, judge, io);
      refused ||= injected.refused;
      texts.push(
        printManifests(
          injected.manifests,
          format !== undefined && isFormat(format) ? format : formatOf(text),
          file,
          io.colours,
        ),
      );
    }
    // A pipe to kubectl must not apply half of what was asked.
    if (refused) return EXIT.refused;
    io.stdout(join(texts, format));
    return EXIT.fine;
  },
};

type Judged =
  | { readonly patch: readonly AddOperation[]; readonly warnings: readonly string[] }
  | { readonly problems: readonly Problem[] };
type OfflineJudge = (workload: Workload) => Judged;

export interface InjectedManifest {
  readonly manifest: Manifest;
  readonly patch: readonly AddOperation[];
}

function createOfflineJudge(
  config: Config,
  defaultNamespace: string,
  labels: Readonly<Record<string, string>>,
): OfflineJudge {
  const grantsOf = createGrants(config);
  return ({ object, pod, podPath, pointer }) => {
    const own = field(field(object, 'metadata'), 'namespace');
    const namespace = { name: typeof own === 'string' && own !== '' ? own : defaultNamespace, labels };
    const outcome = decide(pod, { config, namespace, grants: grantsOf(namespace) });
    if (outcome.kind === 'refuse') return { problems: outcome.problems };
    const warnings = [...misplacedAnnotations(object, podPath), ...outcome.warnings];
    return { patch: outcome.kind === 'inject' ? toPatch(outcome.plan, outcome.pod, pointer) : [], warnings };
  };
}

function injectText(
  text: string,
  file: string,
  judge: OfflineJudge,
  io: Io,
): { manifests: InjectedManifest[]; refused: boolean } {
  const read = readManifests(text);
  if (read.kind === 'unreadable')
    throw new UsageError(`inject: ${file}: found ${read.reason}; expected YAML or JSON`);
  let refused = false;
  const manifests = read.manifests.map((manifest) => ({
    manifest,
    patch: manifest.workloads.flatMap((workload) => {
      const judged = judge(workload);
      const at = `${file}: ${nameOf(workload.object)}`;
      if ('problems' in judged) {
        refused = true;
        for (const problem of judged.problems) io.stderr(`${at}: refused: ${printProblem(problem)}\n`);
        return [];
      }
      for (const warning of judged.warnings) io.stderr(`${at}: warning: ${warning}\n`);
      return judged.patch;
    }),
  }));
  return { manifests, refused };
}

/** `Deployment payments/app`, as far as it is known. */
function nameOf(object: unknown): string {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const metadata = field(object, 'metadata');
  const name = text(field(metadata, 'name')) ?? text(field(metadata, 'generateName')) ?? '(no name)';
  const namespace = text(field(metadata, 'namespace'));
  return `${String(field(object, 'kind'))} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** JSON in, JSON out. */
function formatOf(text: string): Format {
  return text.trimStart().startsWith('{') ? 'json' : 'yaml';
}

function join(texts: readonly string[], format: string | undefined): string {
  if (format !== undefined && format !== 'yaml') return texts.join('');
  return texts
    .map((text, index) =>
      index > 0 && !text.startsWith('---') && !text.startsWith('{') ? `---\n${text}` : text,
    )
    .join('');
}
