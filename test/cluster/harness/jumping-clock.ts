/**
 * A flag for node: a machine whose wall clock jumps when it is sent SIGUSR2, by the first of these many milliseconds,
 * then by the next. As far as JavaScript can see; the monotonic clock goes on as ever.
 */
export function jumpingClock(jumpsMs: readonly number[]): readonly string[] {
  const source = `
    const D = Date, jumps = ${JSON.stringify(jumpsMs)};
    let ahead = 0;
    process.on('SIGUSR2', () => { ahead += jumps.shift() ?? 0; });
    globalThis.Date = class extends D {
      constructor(...given) { given.length === 0 ? super(D.now() + ahead) : super(...given); }
      static now() { return D.now() + ahead; }
    };`;
  return ['--import', `data:text/javascript,${source.replaceAll(/\s+/g, ' ')}`];
}
