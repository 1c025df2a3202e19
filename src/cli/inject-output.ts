import { printDiff } from '../manifests/diff.ts';
import { editValue, editYaml } from '../manifests/edit.ts';
import type { InjectedManifest } from './inject.ts';

export const FORMATS = ['yaml', 'json', 'patch', 'diff'] as const;
export type Format = (typeof FORMATS)[number];

export function isFormat(text: string): text is Format {
  return (FORMATS as readonly string[]).includes(text);
}

/** The documents of one file in the wanted format; untouched ones as they were, as far as the format allows. */
export function printManifests(
  manifests: readonly InjectedManifest[],
  format: Format,
  file: string,
  colours: boolean,
): string {
  return manifests.map((injected) => PRINTERS[format](injected, file, colours)).join('');
}

const PRINTERS: Readonly<
  Record<Format, (injected: InjectedManifest, file: string, colours: boolean) => string>
> = {
  yaml: ({ manifest, patch }) => editYaml(manifest, patch),
  json: ({ manifest, patch }) => json(editValue(manifest, patch)),
  patch: ({ patch }) => json(patch),
  diff: ({ manifest, patch }, file, colours) => {
    return patch.length === 0 ? '' : printDiff(file, manifest.source, editYaml(manifest, patch), colours);
  },
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
