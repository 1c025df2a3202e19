import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { runCommand } from '../cluster/harness/command.ts';
import { ALARMS, FALSE_ALARMS, type Story } from './monitoring/alert-stories.ts';
import { renderObjects } from './render.ts';

interface Rules {
  PrometheusRule: { spec: { groups: { rules: { alert: string }[] }[] } };
}

const outputs = { identity: { tbot: { type: 'identity' } } };
const values = {
  bots: {
    example: {
      join: { method: 'kubernetes', token: 'example-bot' },
      namespaces: { names: ['payments'] },
      outputs,
    },
  },
  monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
};

describe.skipIf(inject('programs').kind === 'missing')('the alerts, as Prometheus sees them', () => {
  let folder: string;
  let rules: Rules['PrometheusRule']['spec'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tbot-injector-alerts-'));
    const only = ['templates/monitoring/prometheus-rule.yaml'];
    const { PrometheusRule } = await renderObjects<Rules>({ values, only });
    if (PrometheusRule === undefined) throw new Error('the chart renders no PrometheusRule');
    rules = PrometheusRule.spec;
    // JSON is YAML.
    await writeFile(join(folder, 'rules.json'), JSON.stringify(rules));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function promtool(...args: readonly string[]): Promise<void> {
    const programs = inject('programs');
    if (programs.kind === 'missing') throw new Error(programs.reason);
    const { code, stdout, stderr } = await runCommand(programs.files.promtool, args, { cwd: folder });
    expect(code, stdout + stderr).toBe(0);
  }

  /** Which alerts fire at the minutes of a story; none but those. */
  async function tell(story: Story): Promise<void> {
    const test = {
      rule_files: ['rules.json'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: story.series,
          promql_expr_test: Object.entries(story.firing).map(([minute, names]) => ({
            expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
            eval_time: `${minute}m`,
            exp_samples: names.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
          })),
        },
      ],
    };
    await writeFile(join(folder, 'story.json'), JSON.stringify(test));
    await promtool('test', 'rules', 'story.json');
  }

  it('are valid, every field of them', async () => {
    await promtool('check', 'rules', '--lint=all', '--lint-fatal', 'rules.json');
  });

  describe('are silent about', () => {
    it.each(Object.keys(FALSE_ALARMS))('%s', async (name) => {
      await tell(FALSE_ALARMS[name] as Story);
    });
  });

  describe('fire when', () => {
    it.each(Object.keys(ALARMS))('%s', async (name) => {
      await tell(ALARMS[name] as Story);
    });
  });

  it('fire in some story, each of them', () => {
    const fired = new Set(Object.values(ALARMS).flatMap(({ firing }) => Object.values(firing).flat()));
    const names = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    expect(names.filter((name) => !fired.has(name))).toEqual([]);
  });
});
