import { describe, expect, it } from 'vitest';
import { createGrants } from '../../src/grants/grants.ts';
import { decideInjection, type Outcome } from '../../src/injection/decide.ts';
import { printProblem } from '../../src/problems/problem.ts';
import { withPrefix } from '../annotations/with-prefix.ts';
import { bot, platform } from '../grants/platform.ts';

const config = platform(
  { b: bot({ names: ['team-a'] }, { db: { tbot: { type: 'database', service: 's' } } }) },
  { joinTokenExpirationSeconds: 1800, ignoreContainers: ['proxy'] },
);

function decide(asks: Record<string, unknown>, spec: unknown, name = 'team-a'): Outcome {
  const namespace = { name, labels: { 'tbot-injector.io/injection': 'enabled' } };
  const pod = { metadata: { annotations: withPrefix(asks) }, spec };
  return decideInjection(pod, { config, namespace, grants: createGrants(config)(namespace) });
}

function problemsOf(outcome: Outcome): string[] {
  return outcome.kind === 'refuse' ? outcome.problems.map(printProblem) : [];
}

const spec = { containers: [{ name: 'app' }] };

describe('a credential that was never written', () => {
  const unwritten = new Set(['db']);
  const namespace = { name: 'team-a', labels: { 'tbot-injector.io/injection': 'enabled' } };
  const decideWith = (onMissingCredential: 'warn' | 'refuse', asks: Record<string, unknown>): Outcome => {
    const { injection } = config;
    const context = { config: { ...config, injection: { ...injection, onMissingCredential } }, namespace };
    const pod = { metadata: { annotations: withPrefix(asks) }, spec };
    return decideInjection(pod, { ...context, grants: createGrants(config)(namespace), unwritten });
  };

  it('has a warning, and the pod waits', () => {
    const outcome = decideWith('warn', { outputs: 'db' });
    expect(outcome.kind).toBe('inject');
    expect(outcome).toHaveProperty('warnings', [
      expect.stringContaining('db: '),
      'db has not been written in team-a yet: the pod will wait for it',
    ]);
  });

  it('refuses the pod where that is configured', () => {
    expect(problemsOf(decideWith('refuse', { outputs: 'db' }))).toEqual([
      'tbot-injector.io/outputs: found db, which has not been written in team-a yet; expected a credential that the pod can start with. Fix: create the pod again in a minute; if it lasts, look at the Events of the namespace',
    ]);
  });

  it('does not affect a pod that does not ask for it', () => {
    expect(decideWith('refuse', { join: 'app' }).kind).toBe('inject');
  });
});

describe('a pod is decided', () => {
  it('with the configured lifetime and audience of the token', () => {
    expect(decide({ join: 'app' }, spec)).toMatchObject({
      plan: {
        volumes: [
          {
            projected: {
              sources: [
                { serviceAccountToken: { audience: 'e', expirationSeconds: 1800, path: 'join-sa-token' } },
              ],
            },
          },
        ],
      },
    });
  });

  it('without the ignored containers', () => {
    expect(problemsOf(decide({ outputs: 'db' }, { containers: [{ name: 'proxy' }] }))).toEqual([
      'spec.containers: found only containers that are left out (proxy); expected a container that the outputs can be mounted in. Fix: add a container, or name one in tbot-injector.io/containers',
    ]);
  });

  it('with the names of its outputs in the outcome', () => {
    expect(decide({ outputs: 'db' }, spec)).toMatchObject({ kind: 'inject', outputs: ['db'] });
    expect(decide({ join: 'app' }, spec)).toMatchObject({ kind: 'inject', outputs: [] });
  });

  it('in a namespace without grants', () => {
    expect(problemsOf(decide({ outputs: 'db' }, spec, 'team-b'))).toEqual([
      'tbot-injector.io/outputs: found "db"; expected an output granted to namespace team-b, which has none. Fix: ask your platform team to grant "db" to namespace team-b',
    ]);
  });

  it('with all problems where its fields and its annotations are invalid', () => {
    expect(problemsOf(decide({ outputs: '' }, { containers: 'app' }))).toEqual([
      'spec.containers: found "app"; expected a list. Fix: correct spec.containers',
      'tbot-injector.io/outputs: found ""; expected names of outputs, each with an optional =/path, separated by commas. Fix: name at least one, or remove the annotation',
    ]);
  });

  it('with at most 5,000 mounts, those of join included', () => {
    const containers = Array.from({ length: 5000 }, (_, index) => ({ name: `c${index}` }));
    expect(decide({ outputs: 'db' }, { containers })).toMatchObject({
      kind: 'inject',
      plan: { containers: { length: 5000 } },
    });
    expect(problemsOf(decide({ outputs: 'db', join: 'c0' }, { containers }))).toEqual([
      'spec.containers: found 5001 mounts, one for each volume in each container; expected at most 5000. Fix: choose fewer outputs, or name the containers that need them in tbot-injector.io/containers',
    ]);
  });

  it('again without the warnings for existing volumes and variables', () => {
    const first = decide({ outputs: 'db' }, { containers: [{ name: 'app', envFrom: [{}] }] });
    if (first.kind !== 'inject') throw new Error('it should have been injected');
    const [container] = first.plan.containers;
    const app = { name: 'app', envFrom: [{}], env: container?.env, volumeMounts: container?.mounts };
    const again = decide(
      { outputs: 'db', injected: first.plan.record },
      { volumes: first.plan.volumes, containers: [app] },
    );
    expect(first.warnings).toEqual([expect.stringContaining('mode 0444')]);
    expect(again).toEqual({ kind: 'skip', reason: 'already-injected', warnings: [] });
  });

  it('again with the other warnings of the first time', () => {
    const automountServiceAccountToken = false;
    const first = decide({ join: 'app' }, { ...spec, automountServiceAccountToken });
    if (first.kind !== 'inject') throw new Error('it should have been injected');
    const [container] = first.plan.containers;
    const again = decide(
      { join: 'app', injected: first.plan.record },
      {
        automountServiceAccountToken,
        volumes: first.plan.volumes,
        containers: [{ name: 'app', env: container?.env, volumeMounts: container?.mounts }],
      },
    );
    expect(again).toEqual({ kind: 'skip', reason: 'already-injected', warnings: first.warnings });
    expect(first.warnings).toHaveLength(1);
  });
});

it('the first twenty unknown containers have a suggestion, and twenty names are listed', () => {
  const containers = Array.from({ length: 30 }, (_, index) => ({ name: `worker-${index}` }));
  const names = Array.from({ length: 21 }, (_, index) => `wroker-${index}`);
  const problems = problemsOf(decide({ join: names.join() }, { containers }));
  expect(problems[0]).toMatch(/a container of this pod: worker-0, .* or worker-19\. Fix: write worker-0$/);
  expect(problems[19]).toMatch(/Fix: write worker-19$/);
  expect(problems[20]).toMatch(/Fix: remove "wroker-20"$/);
});
