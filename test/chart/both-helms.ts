import { join } from 'node:path';

import { inject } from 'vitest';

import { CHART } from '../cluster/harness/installation.ts';
import { type Finished, runCommand } from '../cluster/harness/command.ts';

export const HELMS = ['helm', 'helm3'] as const;
export type Helm = (typeof HELMS)[number];

const MINIMAL = join(import.meta.dirname, 'minimal-values.yaml');
/** Helm 3 without a cluster takes Kubernetes for older than the chart wants it. */
const KUBE_VERSION = ['--kube-version', '1.36.0'];

interface Ask {
  readonly verb?: 'template' | 'lint';
  readonly values?: object;
  /** Files of values, the last one winning; default: what every installation must say. */
  readonly files?: readonly string[];
  readonly chart?: string;
  readonly flags?: readonly string[];
}

/** What one of the two helms makes of values. */
export function ask(helm: Helm, question: Ask = {}): Promise<Finished> {
  const { verb = 'template', values = {}, files = [MINIMAL], chart = CHART, flags = [] } = question;
  const programs = inject('programs');
  if (programs.kind === 'missing') throw new Error(programs.reason);
  const release = verb === 'template' ? ['tbot-injector', '--namespace', 'tbot-system', ...KUBE_VERSION] : [];
  const from = [...files.flatMap((file) => ['--values', file]), '--values', '-'];
  const args = [verb, ...release.slice(0, 1), chart, ...release.slice(1), ...from, ...flags];
  return runCommand(programs.files[helm], args, { stdin: JSON.stringify(values) });
}

/** What the schema refuses, sorted, for helm walks maps in any order; of nested problems the innermost. */
export async function refusedBySchema(helm: Helm, question: Ask): Promise<string[]> {
  const { code, stderr } = await ask(helm, question);
  if (code === 0 || !stderr.includes("values don't meet the specifications")) return [`passed: ${stderr}`];
  return stderr
    .split('\n')
    .filter((line) => /^ *- at /.test(line) && !/(validation|'allOf') failed$/.test(line))
    .map((line) => line.trim().slice('- '.length))
    .sort();
}

/** The sentences with which templates/checks refuses. */
export async function refusedByChecks(helm: Helm, question: Ask): Promise<string[]> {
  const { code, stderr } = await ask(helm, question);
  if (code === 0 || !stderr.includes('templates/checks/first/checks.yaml')) return [`passed: ${stderr}`];
  return stderr.split('\n').filter((line) => line.includes('. Fix: '));
}
