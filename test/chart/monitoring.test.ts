import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, inject, it } from 'vitest';

import { CA_LIFETIME_DAYS, SERVING_LIFETIME_DAYS } from '../../src/certificates/renewal.ts';
import { printDashboard } from '../../tools/dashboard/print.ts';
import { createLookup } from './monitoring/exposed.ts';
import { LABEL_VALUES } from './monitoring/label-values.ts';
import { readQuery, type Lookup, type Reading } from './monitoring/promql.ts';
import {
  queriesOfDashboard,
  queriesOfRules,
  type Dashboard,
  type NamedQuery,
  type Rule,
} from './monitoring/queries.ts';
import { renderObjects } from './render.ts';

interface Objects {
  PrometheusRule: { spec: { groups: { name: string; rules: Rule[] }[] } };
  ConfigMap: { data: Record<string, string> };
}

const bot = {
  join: { method: 'kubernetes', token: 'a-bot' },
  namespaces: { names: ['payments'] },
};
const bots = {
  example: { ...bot, outputs: { identity: { tbot: { type: 'identity' } } } },
  payments: { ...bot, shards: 2, outputs: { host: { tbot: { type: 'ssh_host', principals: ['a'] } } } },
};
const monitoring = {
  podMonitor: { enabled: true },
  prometheusRule: { enabled: true },
  dashboard: { enabled: true },
};
const DAY = 24 * 60 * 60;

async function renderRules(values: object = {}): Promise<readonly Rule[]> {
  const only = ['templates/monitoring/prometheus-rule.yaml'];
  const { PrometheusRule } = await renderObjects<Objects>({ values: { bots, monitoring, ...values }, only });
  return PrometheusRule?.spec.groups.flatMap((group) => group.rules) ?? [];
}

async function renderDashboard(): Promise<string> {
  const only = ['templates/monitoring/dashboard.yaml'];
  const { ConfigMap } = await renderObjects<Objects>({ values: { monitoring }, only });
  return ConfigMap?.data['tbot-injector.json'] ?? '';
}

describe.skipIf(inject('programs').kind === 'missing')('dashboard and alerts', () => {
  let lookup: Lookup;
  let rules: readonly Rule[];
  let dashboard: Dashboard;
  let readings: readonly (NamedQuery & Reading)[];

  beforeAll(async () => {
    lookup = await createLookup();
    rules = await renderRules();
    dashboard = JSON.parse(await renderDashboard()) as Dashboard;
    const queries = [...queriesOfRules(rules), ...queriesOfDashboard(dashboard)];
    readings = queries.map((query) => ({ ...query, ...readQuery(query.expr, lookup) }));
  });

  it('have queries', () => {
    expect(rules.length).toBeGreaterThan(15);
    expect(readings.length - rules.length).toBeGreaterThan(30);
  });

  it('ask for what the program exposes, in sound PromQL', () => {
    expect(
      readings.flatMap(({ where, problems }) => problems.map((problem) => `${where}: ${problem}`)),
    ).toEqual([]);
  });

  it('mention only labels that their results have', () => {
    const blank = readings.flatMap(({ where, mentioned, labels }) =>
      mentioned.filter((label) => !labels.has(label)).map((label) => `${where}: {{${label}}}`),
    );
    expect(blank).toEqual([]);
  });

  it('ask for values that labels can have', () => {
    const matchers = readings.flatMap(({ where, selectors }) =>
      selectors.flatMap((selector) => selector.matchers.map((matcher) => ({ where, ...matcher }))),
    );
    const impossible = matchers.filter(({ label, value }) => {
      const known = LABEL_VALUES.get(label);
      return known !== undefined && value.split('|').some((each) => !known.includes(each));
    });
    expect(impossible).toEqual([]);
  });

  it('look at one release and at no other', () => {
    const selectors = readings.flatMap((reading) => reading.selectors);
    const ours = selectors.filter(({ metric }) => !metric.startsWith('apiserver_'));
    const strays = ours.filter(({ matchers }) => !matchers.some(({ label }) => label === 'job'));
    expect(strays).toEqual([]);
  });
});

describe.skipIf(inject('programs').kind === 'missing')('the alerts of the chart', () => {
  it('say what happened, what it means and where to read on', async () => {
    for (const { alert, labels, annotations } of await renderRules()) {
      expect(['critical', 'warning'], alert).toContain(labels['severity']);
      expect(labels['namespace'], alert).toBe('tbot-system');
      expect(annotations, alert).toEqual({
        summary: expect.stringMatching(/[.]$/) as string,
        description: expect.stringMatching(/[.]$/) as string,
        runbook: `docs/troubleshooting.md#${alert.toLowerCase()}`,
      });
      expect(Object.values(annotations).join(), alert).not.toMatch(/[<>]/);
    }
  });

  it('are explained in docs/troubleshooting.md, each of them', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
    const explained = [...page.matchAll(/^### (TbotInjector\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual([...new Set((await renderRules()).map(({ alert }) => alert))]);
  });

  it('watch every bot, all shards of it', async () => {
    const down = (await renderRules()).filter(({ alert }) => alert === 'TbotInjectorTbotDown');
    expect(down.map(({ labels, expr }) => [labels['bot'], expr.slice(-3)])).toEqual([
      ['example', '< 1'],
      ['payments', '< 2'],
    ]);
  });

  it('want certificates to be renewed when the controller does it, not before', async () => {
    const limits = await certificateLimits();
    for (const [certificate, days] of [
      ['serving', SERVING_LIFETIME_DAYS],
      ['ca', CA_LIFETIME_DAYS],
    ] as const) {
      // Renewed when a third of the life is left.
      const { overdue = 0, expires = 0 } = limits[certificate] ?? {};
      expect(overdue).toBeLessThan((days / 3) * DAY);
      expect(overdue).toBeGreaterThan((days / 4) * DAY);
      expect(expires).toBeLessThan(overdue / 2);
    }
  });

  it.each([
    ['240h', 9 * DAY],
    ['1h30m', 0.9 * 5400],
    ['90m0s', 0.9 * 5400],
  ])('follow what cert-manager is told: %s', async (renewBefore, overdue) => {
    const certificates = { source: 'cert-manager', certManager: { renewBefore } };
    expect((await certificateLimits({ certificates }))['serving']).toMatchObject({ overdue });
  });

  /** Seconds before the end of each certificate at which the two alerts fire. */
  async function certificateLimits(
    values: object = {},
  ): Promise<Record<string, { overdue: number; expires: number }>> {
    const all = await renderRules(values);
    const limitsOf = (name: string): Record<string, number> => {
      const { expr = '' } = all.find(({ alert }) => alert === name) ?? {};
      const found = expr.matchAll(/certificate="(\w+)"\}\) - time\(\) < (\d+)$/gm);
      return Object.fromEntries(
        [...found].map(([, certificate = '', limit]) => [certificate, Number(limit)]),
      );
    };
    const [overdue, expires] = ['Overdue', 'Expires'].map((end) => limitsOf(`TbotInjectorCertificate${end}`));
    return Object.fromEntries(
      ['serving', 'ca'].map((each) => [
        each,
        { overdue: overdue?.[each] ?? 0, expires: expires?.[each] ?? 0 },
      ]),
    );
  }
});

describe.skipIf(inject('programs').kind === 'missing')('the dashboard', () => {
  it('is the one of tools/dashboard', async () => {
    expect(JSON.parse(await renderDashboard())).toEqual(JSON.parse(printDashboard()));
  });

  it('has panels that do not overlap', () => {
    const { panels } = JSON.parse(printDashboard()) as Dashboard;
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('offers the releases that there are, by the jobs of their targets', () => {
    const { templating } = JSON.parse(printDashboard()) as Dashboard;
    const regex = templating.list.find(({ name }) => name === 'release')?.regex ?? '';
    const pattern = new RegExp(regex.slice(1, -1));
    expect(
      ['edge-tbot-injector-webhook', 'edge-tbot-injector-controller'].map((job) => pattern.exec(job)?.[1]),
    ).toEqual(['edge-tbot-injector', 'edge-tbot-injector']);
  });
});
