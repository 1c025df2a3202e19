import { printDiff } from '../manifests/print.ts';
import { editValue, editYaml } from '../manifests/edit.ts';
import type { InjectedFile, InjectedManifest } from './inject-file.ts';

export const FORMATS = ['yaml', 'json', 'patch', 'diff'] as const;
export type Format = (typeof FORMATS)[number];

/** JSON in, JSON out. */
export function formatOf(text: string): Format {
  return text.trimStart().startsWith('{') ? 'json' : 'yaml';
}

/** Prints a file in the given format. As YAML, documents without additions stay as they were, byte for byte. */
export function printFile(file: InjectedFile, format: Format, colours: boolean): string {
  const texts = file.manifests.map((injected) => PRINTERS[format](injected, file.name, colours));
  return texts.join('') + (format === 'yaml' ? file.rest : '');
}

type Printer = (injected: InjectedManifest, name: string, colours: boolean) => string;

const PRINTERS: Readonly<Record<Format, Printer>> = {
  yaml: ({ manifest, patch }) => editYaml(manifest, patch),
  json: ({ manifest, patch }) => json(editValue(manifest, patch)),
  patch: ({ patch }) => json(patch),
  diff: ({ manifest, patch }, name, colours) => {
    return patch.length === 0 ? '' : printDiff(name, manifest.source, editYaml(manifest, patch), colours);
  },
};

function json(value: unknown): string {
  return `${JSON.stringify(value, exactly, 2)}\n`;
}

/** JSON numbers can have any count of digits; `rawJSON` prints those that a number would lose. */
function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint'
    ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
    : value;
}

/** Joins files; a marker goes between the YAML documents of two files. */
export function joinFiles(files: readonly { readonly format: Format; readonly text: string }[]): string {
  return files.reduce((all, { format, text }) => {
    if (all === '' || text === '') return all + text;
    const marker = format === 'yaml' && !text.startsWith('---') ? '---\n' : '';
    return `${all}${all.endsWith('\n') ? '' : '\n'}${marker}${text}`;
  }, '');
}
