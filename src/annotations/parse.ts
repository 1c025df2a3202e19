import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { parseList, type ListItem } from './list.ts';
import { INJECTION_LABEL, PREFIX } from '../config/opt-in.ts';
import { ANNOTATIONS, INJECTED_RECORD, RESTART_EVERY, RESTARTABLE_KINDS, type Annotation } from './table.ts';

/** What a pod asks for. Each value is valid; whether it is granted is decided elsewhere. */
export interface Ask {
  readonly outputs: readonly ListItem[];
  /** Undefined: the default choice of containers. */
  readonly containers: readonly string[] | undefined;
  readonly join: readonly string[];
  readonly tbotConfig: ListItem | undefined;
}

export type ParsedAsk =
  | { readonly kind: 'nothing' }
  /** The ask has all valid items, so that later checks of them report their problems too. */
  | { readonly kind: 'ask'; readonly ask: Ask; readonly problems: readonly Problem[] };

/**
 * Parses a pod's annotations with our prefix. An unknown key with the prefix is a problem: a typo must not start a pod
 * without its identity. Other annotations are ignored.
 */
export function parseAnnotations(annotations: Readonly<Record<string, unknown>>): ParsedAsk {
  const ours = new Map(
    Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX) && key !== INJECTED_RECORD),
  );
  if (ours.size === 0) return { kind: 'nothing' };
  const lists = new Map<Annotation['key'], readonly ListItem[]>();
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
  problems.push(...unknownAnnotations(ours.keys()), ...missingCompanions(ours));
  return { kind: 'ask', ask: buildAsk(lists), problems };
}

/** Names of the outputs in the ask; without invalid items. */
export function outputNames(parsed: ParsedAsk): readonly string[] {
  return parsed.kind === 'nothing' ? [] : parsed.ask.outputs.map(({ name }) => name);
}

/** An unquoted `true` or `600` is not a string in YAML. */
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

function buildAsk(lists: ReadonlyMap<Annotation['key'], readonly ListItem[]>): Ask {
  return {
    outputs: lists.get('outputs') ?? [],
    containers: lists.get('containers')?.map((item) => item.name),
    join: lists.get('join')?.map((item) => item.name) ?? [],
    tbotConfig: lists.get('tbot-config')?.[0],
  };
}

/** The longest key with our prefix that Kubernetes allows. */
const MAX_KEY_LENGTH = PREFIX.length + 63;

/** More unknown keys than this are not typos. */
const MAX_UNKNOWN = 100;

function unknownAnnotations(keys: Iterable<string>): Problem[] {
  const names: readonly string[] = ANNOTATIONS.map((annotation) => annotation.key);
  const known = oneOf(names.map((name) => PREFIX + name));
  return [...keys]
    .filter((key) => !names.includes(key.slice(PREFIX.length)))
    .slice(0, MAX_UNKNOWN)
    .map((key) => ({
      code: 'unknown-annotation',
      where: quote(key.slice(0, MAX_KEY_LENGTH)).slice(1, -1),
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

/** Annotations that have no effect without another one. */
const COMPANIONS: readonly (readonly [key: Annotation['key'], companion: Annotation['key']])[] = [
  ['containers', 'outputs'],
  ['tbot-config', 'join'],
];

function missingCompanions(ours: ReadonlyMap<string, unknown>): Problem[] {
  return COMPANIONS.filter(([key, companion]) => ours.has(PREFIX + key) && !ours.has(PREFIX + companion)).map(
    ([key, companion]) => ({
      code: 'missing-companion',
      where: PREFIX + key,
      found: `no ${PREFIX}${companion}`,
      expected: `${PREFIX}${companion} beside it`,
      fix: `add ${PREFIX}${companion}, or remove ${PREFIX}${key}`,
    }),
  );
}
