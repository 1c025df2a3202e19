import { join } from 'node:path';

import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { type Finished, runCommand } from '../cluster/harness/command.ts';

const chart = join(import.meta.dirname, '../../charts/tbot-injector');
/** What every installation must say. */
const MINIMAL = join(import.meta.dirname, 'minimal-values.yaml');

export interface Rendering {
  readonly values?: object;
  readonly release?: string;
  readonly namespace?: string;
  /** Templates to render, such as `templates/mutating-webhook.yaml`; default: all. */
  readonly only?: readonly string[];
  /** Outside of the test runner, which else tells where helm is. */
  readonly helm?: (args: readonly string[], stdin: string) => Promise<Finished>;
}

/** What the pinned helm makes of the chart. Throws with helm's own words when it refuses. */
export async function renderChart(rendering: Rendering = {}): Promise<string> {
  const { values = {}, release = 'tbot-injector', namespace = 'tbot-system', only = [] } = rendering;
  const { helm = providedHelm } = rendering;
  const args = ['template', release, chart, '--namespace', namespace, '--values', MINIMAL, '--values', '-'];
  for (const template of only) args.push('--show-only', template);
  const { code, stdout, stderr } = await helm(args, JSON.stringify(values));
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

function providedHelm(args: readonly string[], stdin: string): Promise<Finished> {
  const programs = inject('programs');
  if (programs.kind === 'missing') throw new Error(programs.reason);
  return runCommand(programs.files.helm, args, { stdin });
}

/** The rendered objects by kind; the chart has at most one of each kind asked for here. */
export async function renderObjects<Kinds extends object>(rendering?: Rendering): Promise<Partial<Kinds>> {
  const objects = parseAllDocuments(await renderChart(rendering)).map(
    (document) => document.toJS() as { kind: string } | null,
  );
  return Object.fromEntries(
    objects.flatMap((object) => (object ? [[object.kind, object]] : [])),
  ) as Partial<Kinds>;
}
