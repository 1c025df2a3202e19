import { describe, expect, inject, it } from 'vitest';

import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { problemsOf } from '../config/config-text.ts';
import { ask, HELMS, refusedByChecks, refusedBySchema } from './both-helms.ts';
import { configOf } from './config-of.ts';
import { BAD_BOTS } from './values/bad-bots.ts';
import { BAD_GRANTS, UNGUARDED_GRANTS } from './values/bad-grants.ts';
import { BAD_INSTALLATIONS, GOOD_INSTALLATIONS } from './values/bad-installations.ts';
import { printedBySchema } from './values/bad-values.ts';
import { payments, withOutput } from './values/bot.ts';

const OF_THE_PROGRAM = [...BAD_GRANTS, ...BAD_BOTS];
const ALL = [...OF_THE_PROGRAM, ...UNGUARDED_GRANTS, ...BAD_INSTALLATIONS];

describe('the program refuses in the words of the chart', () => {
  it.for(OF_THE_PROGRAM)('$title', ({ values, problems }) => {
    expect(problemsOf(configOf(values)).sort()).toEqual([...problems].sort());
  });
});

describe.skipIf(inject('programs').kind === 'missing').for(HELMS)('%s by schema and checks', (helm) => {
  it.for(ALL)('refuses $title', async (bad) => {
    const { values, problems, schema } = bad;
    if (schema === undefined) {
      expect((await refusedByChecks(helm, { values })).sort()).toEqual([...problems].sort());
    } else {
      expect(await refusedBySchema(helm, { values })).toEqual([...printedBySchema(bad)].sort());
    }
  });

  it.for(Object.entries(GOOD_INSTALLATIONS))('lets %s pass', async ([, values]) => {
    expect(await ask(helm, { values })).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses each field that the release of tbot does not know yet', async () => {
    const fields = [...OUTPUT_TYPES.values()].flatMap((type) =>
      type.fields.flatMap(({ name, since }) =>
        since === undefined ? [] : [{ type: type.type, name, since }],
      ),
    );
    expect(fields).not.toHaveLength(0);
    for (const { type, name, since } of fields) {
      const values = {
        tbot: { version: '18.1.7' },
        ...withOutput({ type, selectors: [{ name: 'x' }], [name]: 'x' }),
      };
      const problem = `bots.payments.outputs.db.tbot.${name}: found tbot.version 18.1.7; expected tbot ${since} or newer, the first that knows ${name}. Fix: raise tbot.version, or remove ${name}`;
      expect(await refusedBySchema(helm, { values })).toEqual(
        printedBySchema({ title: name, values, problems: [problem], schema: true }),
      );
      expect(problemsOf(configOf(values))).toEqual([problem]);
    }
  });

  it('tells everything at once, and first of all templates', async () => {
    const values = {
      webhook: { healthPort: 8443, autoscaling: { enabled: true, minReplicas: 9 } },
      injection: { mountRoot: `/${'é'.repeat(128)}` },
      bots: {
        payments,
        search: {
          ...payments,
          namespaces: { names: ['kube-system'] },
          tbot: { renewal_interval: '2h' },
          outputs: { search: { secretName: 'tbot-payments-id', tbot: { type: 'identity' } } },
        },
      },
    };
    expect(await refusedByChecks(helm, { values })).toHaveLength(6);
  });

  it('tells everything at once that the schema refuses', async () => {
    const values = {
      tbot: { version: '17.0.0' },
      certificates: { source: 'secret', secret: { caBundle: null } },
      controller: { workloadRestarts: true },
      bots: { ...(UNGUARDED_GRANTS[0]?.values as { bots: object }).bots },
      policies: { grantLabels: { enabled: false }, guardrails: { enabled: false } },
    };
    expect(await refusedBySchema(helm, { values })).toHaveLength(5);
  });

  it('refuses when linting, too', async () => {
    const { code, stdout, stderr } = await ask(helm, {
      verb: 'lint',
      values: { webhook: { healthPort: 8443 } },
    });
    expect(code).toBe(1);
    expect(stdout).toContain('[ERROR] templates/checks/first/checks.yaml');
    expect(stderr).toContain('Fix: choose another one of the two');
  });
});
