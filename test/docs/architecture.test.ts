import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const DOCUMENTS = ['docs/architecture.md', 'CONTRIBUTING.md'] as const;

function textOf(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** Paths that a text names as code: those of this repository begin with one of its folders. */
function pathsIn(text: string): readonly string[] {
  return [...text.matchAll(/`((?:src|test|tools|docs|charts|examples)\/[^`\s*]+)`/g)].map(
    ([, path = '']) => path,
  );
}

function foldersOf(folder: string): readonly string[] {
  return readdirSync(new URL(`../../${folder}`, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('names files and folders that exist', () => {
    const paths = pathsIn(textOf(document));
    expect(paths.length).toBeGreaterThan(5);
    const missing = paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)));
    expect(missing).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it.each(['src', 'src/controller'])('has a row for each room of %s', (folder) => {
    const rows = [...textOf('docs/architecture.md').matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, room]) => room);
    expect(foldersOf(folder).filter((room) => !rows.includes(room))).toEqual([]);
  });

  it('has no broken link', () => {
    const links = [...textOf('docs/architecture.md').matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => !existsSync(new URL(`../../docs/${link}`, import.meta.url)));
    expect(missing).toEqual([]);
  });
});
