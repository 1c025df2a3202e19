import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/kubernetes/watch-stream.ts';

async function read(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf('WATCH /things', chunks)) lines.push(line);
  return lines;
}

describe('the lines of a body', () => {
  it('are the same however it is cut into pieces', async () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        async (lines, size) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const count = Math.ceil(bytes.length / size);
          const chunks = Array.from({ length: count }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          expect(await read(chunks)).toEqual(lines.map((line) => line.toWellFormed()));
        },
      ),
    );
  });

  it('end where only a line feed ends them', async () => {
    expect(await read([Buffer.from('a\r\u2028b\nc\n')])).toEqual(['a\r\u2028b', 'c']);
  });

  it.each([
    ['ends in the middle of a line', [Buffer.from('a\nb')], /ends in the middle/],
    ['is no UTF-8', [Buffer.from([0x61, 0xff, 0x0a])], /no UTF-8/],
    [
      'never ends its line',
      Array.from({ length: 9 }, () => Buffer.alloc(1024 * 1024, 'x')),
      /without an end/,
    ],
  ])('are refused where the body %s', async (_, chunks, message) => {
    await expect(read(chunks)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(message) as string,
    });
  });
});
