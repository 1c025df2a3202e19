import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { parseList, type Item } from './list.ts';
import { INJECTION_LABEL, PREFIX } from '../config/opt-in.ts';
import { ANNOTATIONS, INJECTED_RECORD, RESTART_EVERY, RESTARTABLE_KINDS, type Annotation } from './table.ts';

/** What a pod asks for, every value checked on its own; whether it may have it is not decided here. */
export interface Ask {
  readonly outputs: readonly Item[];
  /** Undefined: the default choice of containers. */
  readonly containers: readonly string[] | undefined;
  readonly join: readonly string[];
  readonly tbotConfig: Item | undefined;
}

export type ParsedAsk =
  | { readonly kind: 'nothing' }
  /** The ask holds all that could be read, so that what is wrong with that is reported in the same breath. */
  | { readonly kind: 'ask'; readonly ask: Ask; readonly problems: readonly Problem[] };

/**
 * Reads our annotations of a pod. An unknown key of ours is a problem: a typo must not start a pod without
 * its identity. Keys of others are none of our business.
 */
export function parseAnnotations(annotations: Readonly<Record<string, unknown>>): ParsedAsk {
  const ours = new Map(
    Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX) && key !== INJECTED_RECORD),
  );
  if (ours.size === 0) return { kind: 'nothing' };
  const lists = new Map<Annotation['key'], readonly Item[]>();
  const problems: Problem[] = [];
  for (const annotation of ANNOTATIONS) {
    const value = ours.get(PREFIX + annotation.key);
    if (value === undefined) continue;
    if (typeof value !== 'string') {
      problems.push(notAString(annotation, value));
      continue;
    }
    const list = parseList(annotation, value);
    problems.push(...list.problems);
    lists.set(annotation.key, list.items);
  }
  problems.push(...unknownKeys(ours.keys()), ...missingCompanions(ours));
  return { kind: 'ask', ask: toAsk(lists), problems };
}

/** Names of the outputs that are asked for, as far as they could be read. */
export function askedOutputs(parsed: ParsedAsk): readonly string[] {
  return parsed.kind === 'nothing' ? [] : parsed.ask.outputs.map(({ name }) => name);
}

/** YAML reads an unquoted `true` or `600` as no string. */
function notAString(annotation: Annotation, value: unknown): Problem {
  const where = PREFIX + annotation.key;
  return {
    code: 'not-a-string',
    where,
    found: quote(value),
    expected: 'a string',
    fix: 'put the value in quotes',
  };
}

function toAsk(lists: ReadonlyMap<Annotation['key'], readonly Item[]>): Ask {
  return {
    outputs: lists.get('outputs') ?? [],
    containers: lists.get('containers')?.map((item) => item.name),
    join: lists.get('join')?.map((item) => item.name) ?? [],
    tbotConfig: lists.get('tbot-config')?.[0],
  };
}

/** As long as Kubernetes lets a key of ours be. */
const LONGEST_KEY = PREFIX.length + 63;

/** More of them are no typos. */
const MOST_UNKNOWN = 100;

function unknownKeys(keys: Iterable<string>): Problem[] {
  const names: readonly string[] = ANNOTATIONS.map((annotation) => annotation.key);
  const known = oneOf(names.map((name) => PREFIX + name));
  return [...keys]
    .filter((key) => !names.includes(key.slice(PREFIX.length)))
    .slice(0, MOST_UNKNOWN)
    .map((key) => ({
      code: 'unknown-annotation',
      where: quote(key.slice(0, LONGEST_KEY)).slice(1, -1),
      found: key === RESTART_EVERY ? 'an annotation that is not for pods' : 'an annotation that is not known',
      expected: known,
      fix: unknownKeyFix(key, closest(key.slice(PREFIX.length), names)),
    }));
}

function unknownKeyFix(key: string, near: string | undefined): string {
  if (key === INJECTION_LABEL) return `remove it; ${INJECTION_LABEL} is a label of the Namespace`;
  if (key === RESTART_EVERY) return `move it to the metadata of the ${oneOf(RESTARTABLE_KINDS)} itself`;
  return near === undefined ? 'remove it' : `write ${PREFIX}${near}`;
}

/** Annotations that say nothing without another one. */
const NEEDS: readonly (readonly [needy: Annotation['key'], needed: Annotation['key']])[] = [
  ['containers', 'outputs'],
  ['tbot-config', 'join'],
];

function missingCompanions(ours: ReadonlyMap<string, unknown>): Problem[] {
  return NEEDS.filter(([needy, needed]) => ours.has(PREFIX + needy) && !ours.has(PREFIX + needed)).map(
    ([needy, needed]) => ({
      code: 'lonely-annotation',
      where: PREFIX + needy,
      found: `no ${PREFIX}${needed}`,
      expected: `${PREFIX}${needed} beside it`,
      fix: `add ${PREFIX}${needed}, or remove ${PREFIX}${needy}`,
    }),
  );
}
