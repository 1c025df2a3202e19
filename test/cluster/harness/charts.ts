import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CHART = join(import.meta.dirname, '../../../charts/tbot-injector');
const MUTATING = 'templates/mutating-webhook.yaml';
/** The webhook entries and nothing else: the rest of the chart needs controllers that a test cluster has not. */
const FILES = [
  'Chart.yaml',
  'values.yaml',
  'templates/_helpers.tpl',
  'templates/_program.tpl',
  MUTATING,
  'templates/validating-webhook.yaml',
];

/** Folders of charts, as they could follow each other in releases of the product. */
export interface Charts {
  readonly asItIs: string;
  readonly withOneMore: string;
  readonly withOneMoreBefore: string;
  readonly renamed: string;
}

export async function makeCharts(folder: string): Promise<Charts> {
  const make = async (name: string, edit: (template: string) => string): Promise<string> => {
    const chart = join(folder, name);
    await mkdir(join(chart, 'templates'), { recursive: true });
    for (const file of FILES) await cp(join(CHART, file), join(chart, file));
    await writeFile(join(chart, MUTATING), edit(await readFile(join(CHART, MUTATING), 'utf8')));
    return chart;
  };
  const list = 'webhooks:\n';
  const oneMore = (template: string): string =>
    template.slice(template.indexOf(list) + list.length).replace('mutate.tbot', 'extra.tbot');
  return {
    asItIs: await make('as-it-is', (template) => template),
    withOneMore: await make('with-one-more', (template) => template + oneMore(template)),
    withOneMoreBefore: await make('with-one-more-before', (template) =>
      template.replace(list, list + oneMore(template)),
    ),
    renamed: await make('renamed', (template) => template.replace('mutate.tbot', 'mutate-pods.tbot')),
  };
}
