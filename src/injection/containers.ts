import { PREFIX } from '../config/opt-in.ts';
import type { Ask } from '../annotations/parse.ts';
import { closest } from '../problems/closest.ts';
import { oneOf, printName, quote, type Problem } from '../problems/problem.ts';
import type { ContainerView, PodView } from './pod.ts';

export interface SelectedContainers {
  readonly containers: ReadonlySet<ContainerView>;
  readonly problems: readonly Problem[];
}

/** Selects the containers that get the outputs: those in the annotation, or all but the ignored ones. */
export function selectOutputContainers(
  ask: Ask,
  pod: PodView,
  ignored: readonly string[],
): SelectedContainers {
  if (ask.containers !== undefined) return selectNamedContainers('containers', ask.containers, pod);
  const containers = pod.containers.filter(({ name }) => !ignored.includes(name));
  if (containers.length > 0) return { containers: new Set(containers), problems: [] };
  const problem: Problem = {
    code: 'no-containers',
    where: 'spec.containers',
    found: pod.containers.length === 0 ? 'none' : `only containers that are left out (${ignored.join(', ')})`,
    expected: 'a container that the outputs can be mounted in',
    fix: `add a container, or name one in ${PREFIX}containers`,
  };
  return { containers: new Set(), problems: [problem] };
}

/** Selects the containers with these names; each unknown name is a problem. */
export function selectNamedContainers(
  key: 'containers' | 'join',
  names: readonly string[],
  pod: PodView,
): SelectedContainers {
  const byName = new Map(pod.containers.map((container) => [container.name, container]));
  const problems: Problem[] = [];
  const containers = new Set<ContainerView>();
  for (const name of names) {
    const container = byName.get(name);
    if (container === undefined) problems.push(unknownContainer(key, name, byName, problems.length));
    else containers.add(container);
  }
  return { containers, problems };
}

/** More names than this do not help the user, and the search for a similar one takes time. */
const MAX_LISTED = 20;
const MAX_COMPARED = 200;

function unknownContainer(
  key: string,
  name: string,
  known: ReadonlyMap<string, unknown>,
  earlier: number,
): Problem {
  const near = earlier < MAX_LISTED ? closest(name, known.keys().take(MAX_COMPARED)) : undefined;
  const listed = known.keys().take(MAX_LISTED).map(printName);
  return {
    code: 'unknown-container',
    where: PREFIX + key,
    found: quote(name),
    expected: `a container of this pod: ${oneOf(listed)}`,
    fix: near === undefined ? `remove ${quote(name)}` : `write ${near}`,
  };
}
