import { SERVICE_ACCOUNT_FOLDER, KERNEL_FOLDERS } from '../../src/config/mount-path.ts';
import type { JsonSchema } from './sentences.ts';

/** What may stand between two names of a path: `/`, `//`, `/./`. */
const BETWEEN = '(/\\.?)*/';
const AT_THE_END = '(/\\.?)*$';

/** What String.trim takes away: Go's \\s is ASCII alone. */
const SPACE = '[\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]';

/** In the order and the words of src/config/mount-path.ts. Bytes a schema cannot count: templates/checks/_paths.tpl does. */
const FAULTS: readonly (readonly [fits: JsonSchema, expected: string])[] = [
  [{ pattern: '^/' }, 'an absolute path, starting with "/"'],
  [without('[:\u0000-\u001f\u007f]'), 'a path without ":" and control characters'],
  [without('/\\.\\.(/|$)'), 'a path without ".."'],
  [without(`/${SPACE}|${SPACE}(/|$)`), 'a path whose parts neither start nor end with a space'],
  [without(`^/\\.?${AT_THE_END}`), 'a folder below "/"'],
  [
    without(`^${BETWEEN}(${KERNEL_FOLDERS.map((folder) => folder.slice(1)).join('|')})(/|$)`),
    `a path outside ${KERNEL_FOLDERS.join(', ')}`,
  ],
  [
    without(`^${coveringOrBelow(SERVICE_ACCOUNT_FOLDER)}`),
    `a path that does not cover ${SERVICE_ACCOUNT_FOLDER}`,
  ],
];

/** A path at which something can be mounted: the first fault is told. */
export function mountPath(name: string): JsonSchema {
  return FAULTS.reduceRight<JsonSchema>(
    (otherwise, [fits, expected]) => ({
      if: fits,
      then: otherwise,
      else: { const: `${expected}. Fix: correct ${name}` },
    }),
    {},
  );
}

function without(pattern: string): JsonSchema {
  return { not: { type: 'string', pattern } };
}

/** Matches the folder, what lies below it and what it lies in, but for "/". */
function coveringOrBelow(folder: string): string {
  const names = folder.slice(1).replaceAll('.', '\\.').split('/');
  return names.reduceRight((rest, name) => `${BETWEEN}${name}(${AT_THE_END}|${rest})`, '/');
}
