/** What the chart refuses. */
export interface BadValues {
  readonly title: string;
  readonly values: object;
  /** The sentences of the program, or of the chart's checks: `where: found X; expected Y. Fix: Z`. */
  readonly problems: readonly string[];
  /** Where the schema refuses them, what helm prints; `true`: the same words but for what was found. */
  readonly schema?: true | readonly string[];
}

/** What helm prints of values that the schema refuses. */
export function printedBySchema({ problems, schema = [] }: BadValues): readonly string[] {
  return schema === true ? problems.map(wordsOfSchema) : schema;
}

/** `at '/where': value must be 'Y. Fix: Z'` */
function wordsOfSchema(problem: string): string {
  const [, where = '', expected = ''] = /^(.+?): found .+?; expected (.+)$/.exec(problem) ?? [];
  const pointer = where.replaceAll('.', '/').replace(/\[(\d+)\]/g, '/$1');
  return `at '/${pointer}': value must be '${expected.replaceAll("'", "\\'")}'`;
}
