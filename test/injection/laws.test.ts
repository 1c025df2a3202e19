import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREFIX } from '../../src/config/opt-in.ts';
import { createGrants } from '../../src/grants/grants.ts';
import { decideInjection, type Outcome } from '../../src/injection/decide.ts';
import { toPatch } from '../../src/injection/patch.ts';
import { loadPlatform } from '../golden/load.ts';
import { applyPatch, applyPlan } from './apply.ts';
import { arbitraryCase, type Case } from './arbitrary-ask.ts';
import { losses } from './containment.ts';

const { config, namespaces } = await loadPlatform();
const grantsFor = createGrants(config);

function decide(pod: unknown, name: string): Outcome {
  const namespace = namespaces.get(name) ?? { name, labels: {} };
  return decideInjection(pod, { config, namespace, grants: grantsFor(namespace) });
}

type Injected = Extract<Outcome, { kind: 'inject' }>;

function always(law: (each: Case, outcome: Outcome) => void): void {
  const property = fc.property(arbitraryCase, (each) => {
    law(each, decide(each.pod, each.namespace));
  });
  fc.assert(property, { numRuns: 1000 });
}

/** Checks the law for injected pods; other pods do not count as runs. */
function whereInjected(law: (each: Case, outcome: Injected) => void): void {
  const property = fc.property(arbitraryCase, (each) => {
    const outcome = decide(each.pod, each.namespace);
    fc.pre(outcome.kind === 'inject');
    law(each, outcome);
  });
  fc.assert(property, { numRuns: 1000, maxSkipsPerRun: 20 });
}

interface PatchedPod {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<'containers' | 'volumes', readonly PatchedEntry[]>> & {
    readonly initContainers?: readonly PatchedEntry[] | null;
  };
}
interface PatchedEntry {
  readonly name: string;
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[] | null;
}

function podOf(pod: unknown): PatchedPod {
  return pod as PatchedPod;
}

describe('for every pod and every annotation', { timeout: 60_000 }, () => {
  it('the patch applied by a library gives the plan applied by hand', () => {
    whereInjected(({ pod }, outcome) => {
      const patched = applyPatch(pod, toPatch(outcome.plan, outcome.pod));
      expect(JSON.stringify(patched)).toBe(JSON.stringify(applyPlan(pod, outcome.plan)));
    });
  });

  it('a second injection adds nothing', () => {
    whereInjected(({ pod, namespace }, outcome) => {
      const again = decide(applyPlan(pod, outcome.plan), namespace);
      expect(again).toMatchObject({ kind: 'skip', reason: 'already-injected' });
    });
  });

  it('no field of the pod is removed or changed but an old record, unknown fields included', () => {
    whereInjected(({ pod }, outcome) => {
      const lost = losses(pod, applyPatch(pod, toPatch(outcome.plan, outcome.pod)));
      expect(lost.filter((path) => path !== '/metadata/annotations/tbot-injector.io/injected')).toEqual([]);
    });
  });

  it('a patch only adds, and to a list only at its end', () => {
    const place =
      /^\/(metadata\/annotations\/tbot-injector\.io~1injected|spec\/((init)?[cC]ontainers\/\d+\/)?\w+(\/-)?)$/;
    whereInjected((_, outcome) => {
      for (const operation of toPatch(outcome.plan, outcome.pod)) {
        expect(operation.op).toBe('add');
        expect(operation.path).toMatch(place);
      }
    });
  });

  it('every requested output is mounted read-only in every selected container', () => {
    whereInjected(({ pod, containerNames }, outcome) => {
      const patched = podOf(applyPlan(pod, outcome.plan));
      const chosen = patched.metadata.annotations[`${PREFIX}containers`]?.split(/ *, */);
      const ignored = config.injection.ignoreContainers;
      const names = chosen ?? containerNames.filter((name) => !ignored.includes(name));
      for (const output of outcome.outputs) {
        const volume = `tbot-output-${output}`;
        expect(patched.spec.volumes.map(({ name }) => name)).toContain(volume);
        for (const container of [...(patched.spec.initContainers ?? []), ...patched.spec.containers]) {
          const mounts = container.volumeMounts?.filter(({ name }) => name === volume) ?? [];
          if (names.includes(container.name))
            expect(mounts.some(({ readOnly }) => readOnly === true)).toBe(true);
        }
      }
    });
  });

  it('a refusal has at least one problem, and no part of a problem is empty', () => {
    always((_, outcome) => {
      if (outcome.kind !== 'refuse') return;
      expect(outcome.problems.length).toBeGreaterThan(0);
      for (const { code, where, found, expected, fix } of outcome.problems) {
        expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect([where, found, expected, fix].filter((part) => part.trim() === '')).toEqual([]);
      }
    });
  });

  it('the same pod has the same outcome again', () => {
    always(({ pod, namespace }, outcome) => {
      expect(decide(pod, namespace)).toEqual(outcome);
    });
  });

  it('these laws were checked with every outcome', () => {
    const outcomes = fc.sample(arbitraryCase, { numRuns: 2000, seed: 1 }).map(({ pod, namespace }) => {
      const outcome = decide(pod, namespace);
      return outcome.kind === 'skip' ? outcome.reason : outcome.kind;
    });
    const times = Map.groupBy(outcomes, (outcome) => outcome);
    for (const outcome of ['inject', 'refuse', 'not-asked', 'mirror-pod', 'namespace-not-opted-in'] as const)
      expect(times.get(outcome)?.length ?? 0, outcome).toBeGreaterThan(20);
    expect(times.get('inject')?.length).toBeGreaterThan(400);
  });
});
