import { Fault } from '../fault.ts';
import { parseGoDuration } from './go-duration.ts';
import type { GoNode } from './go-yaml.ts';

/** Puts a node into a Go type, as yaml.v3 does: what does not fit is noted, and the zero value stays (undefined). */
export type Decode<T> = (node: GoNode, misfits: string[]) => T | undefined;

export type Struct<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined };

/** @throws {Fault} in the words of yaml.v3, with every misfit. */
export function decode<T>(node: GoNode, into: Decode<T>): T | undefined {
  const misfits: string[] = [];
  const value = into(node, misfits);
  if (misfits.length > 0) throw new Fault(`yaml: unmarshal errors:\n  ${misfits.join('\n  ')}`);
  return value;
}

export const goString: Decode<string> = scalar('string', ({ text }) => text);

/** YAML 1.1's words count here alone: `on` is true for a bool, and the text "on" for a string. */
export const goBool: Decode<boolean> = scalar('bool', ({ tag, text }) => {
  if (tag === '!!bool') return text.toLowerCase() === 'true';
  if (tag !== '!!str') return undefined;
  return (
    ['y', 'Y', 'yes', 'on'].includes(text) || (['n', 'N', 'no', 'off'].includes(text) ? false : undefined)
  );
});

/** In milliseconds. An integer does not fit: Go knows no unit for it. */
export const goDuration: Decode<number> = scalar('time.Duration', ({ tag, text }) =>
  tag === '!!str' ? parseGoDuration(text) : undefined,
);

export function goList<T>(type: string, each: Decode<T>): Decode<readonly T[]> {
  return into(`[]${type}`, ({ tag, items }, misfits) => {
    if (tag !== '!!seq') return undefined;
    return items.map((item) => each(item, misfits)).filter((item) => item !== undefined);
  });
}

export function goMap<T>(type: string, each: Decode<T>): Decode<ReadonlyMap<string, T>> {
  return into(`map[string]${type}`, ({ tag, fields }, misfits) => {
    if (tag !== '!!map') return undefined;
    const entries = [...fields].flatMap(([key, value]): [string, T][] => {
      const decoded = each(value, misfits);
      return decoded === undefined ? [] : [[key, decoded]];
    });
    return new Map(entries);
  });
}

/** Fields that the struct does not have are dropped without a word, as tbot drops them. */
export function goStruct<Fields extends object>(
  type: string,
  known: { readonly [Name in keyof Fields]: Decode<Fields[Name]> },
): Decode<Struct<Fields>> {
  return into(type, ({ tag, fields }, misfits) => {
    if (tag !== '!!map') return undefined;
    const entries = Object.entries<Decode<unknown>>(known).map(([name, each]) => {
      const value = fields.get(name);
      return [name, value && each(value, misfits)];
    });
    return Object.fromEntries(entries) as Struct<Fields>;
  });
}

function scalar<T>(type: string, read: (node: GoNode) => T | undefined): Decode<T> {
  return into(type, (node) => (node.tag === '!!map' || node.tag === '!!seq' ? undefined : read(node)));
}

/** Null is the zero value of every type; what else `read` does not take is a misfit. */
function into<T>(type: string, read: Decode<T>): Decode<T> {
  return (node, misfits) => {
    if (node.tag === '!!null') return undefined;
    const value = read(node, misfits);
    if (value === undefined) misfits.push(`line ${node.line}: cannot unmarshal ${found(node)} into ${type}`);
    return value;
  };
}

function found({ tag, text }: GoNode): string {
  if (tag === '!!map' || tag === '!!seq') return tag;
  return `${tag} \`${text.length > 10 ? `${text.slice(0, 7)}...` : text}\``;
}
