import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { printAnnotationDocs } from '../../src/annotations/docs.ts';
import { parseList, printList } from '../../src/annotations/list.ts';
import { INJECTION_LABEL, PREFIX } from '../../src/config/opt-in.ts';
import { ANNOTATIONS, INJECTED_RECORD, WORKLOAD_ANNOTATIONS } from '../../src/annotations/table.ts';

describe('the table of annotations', () => {
  it('has each key once, and no key with another meaning', () => {
    const keys = [...ANNOTATIONS, ...WORKLOAD_ANNOTATIONS].map(({ key }) => PREFIX + key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain(INJECTED_RECORD);
    expect(keys).not.toContain(INJECTION_LABEL);
  });

  it.each(ANNOTATIONS)('has an example of $key that its own parser parses and prints again', (annotation) => {
    const { items, problems } = parseList(annotation, annotation.example);
    expect(problems).toEqual([]);
    expect(printList(items)).toBe(annotation.example);
  });

  it.each([...ANNOTATIONS, ...WORKLOAD_ANNOTATIONS])(
    'documents $key: its value, its effect and since when',
    (annotation) => {
      expect(annotation.key).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(annotation.doc).toMatch(/\.$/);
      expect(annotation.value).not.toMatch(/\.$/);
      expect(annotation.absent).not.toBe('');
      expect(annotation.since).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it('is docs/annotations.md', async () => {
    const file = await readFile(new URL('../../docs/annotations.md', import.meta.url), 'utf8');
    expect(printAnnotationDocs()).toBe(file);
  });
});
