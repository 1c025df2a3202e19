import { PREFIX } from '../config/opt-in.ts';
import type { Ask } from '../annotations/parse.ts';
import { closest } from '../problems/closest.ts';
import { oneOf, printName, quote, type Problem } from '../problems/problem.ts';
import type { ContainerView, PodView } from './pod.ts';

export interface Chosen {
  readonly containers: ReadonlySet<ContainerView>;
  readonly problems: readonly Problem[];
}

/** The containers that get the outputs: those the annotation names, or all but the ignored ones. */
export function outputContainers(ask: Ask, pod: PodView, ignored: readonly string[]): Chosen {
  if (ask.containers !== undefined) return namedContainers('containers', ask.containers, pod);
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

/** The containers of these names; each name that the pod does not have is a problem. */
export function namedContainers(key: 'containers' | 'join', names: readonly string[], pod: PodView): Chosen {
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

/** More names than this do not help to see the right one, and looking for it takes time. */
const MOST_LISTED = 20;
const MOST_COMPARED = 200;

function unknownContainer(
  key: string,
  name: string,
  known: ReadonlyMap<string, unknown>,
  earlier: number,
): Problem {
  const near = earlier < MOST_LISTED ? closest(name, known.keys().take(MOST_COMPARED)) : undefined;
  const listed = known.keys().take(MOST_LISTED).map(printName);
  return {
    code: 'unknown-container',
    where: PREFIX + key,
    found: quote(name),
    expected: `a container of this pod: ${oneOf(listed)}`,
    fix: near === undefined ? `remove ${quote(name)}` : `write ${near}`,
  };
}
