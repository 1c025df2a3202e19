import type { z } from 'zod';

export type Path = readonly PropertyKey[];

/** What zod keeps of its own schemas, as far as a path leads through it. */
export interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
}

/** The schema of the value at `path`; undefined past the end. */
export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const definition: Definition = bare(current);
    current = definition.shape?.[String(step)] ?? definition.valueType ?? definition.element;
    if (current === undefined) return undefined;
  }
  return current;
}

/** What a schema is under its defaults and optionals. */
export function bare(schema: z.core.$ZodType): Definition {
  const definition = schema._zod.def as Definition;
  return definition.innerType === undefined ? definition : bare(definition.innerType);
}
