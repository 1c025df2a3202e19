/**
 * A flag for node: a program for which everything happens so many milliseconds later, by its own clock and by the `Date`
 * headers of the API server. Times in objects it reads as they stand there.
 */
export function laterClock(ms: number): readonly string[] {
  const source = `
    const D = Date, later = ${ms};
    globalThis.Date = class extends D {
      constructor(...given) { given.length === 0 ? super(D.now() + later) : super(...given); }
      static now() { return D.now() + later; }
      static parse(text) { return D.parse(text) + (/GMT$/.test(text) ? later : 0); }
    };`;
  return ['--import', `data:text/javascript,${source.replaceAll(/\s+/g, ' ')}`];
}
