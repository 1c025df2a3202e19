import { z } from 'zod';

import { emptyOr, section } from './kinds.ts';

const REPOSITORY = /^[^\s@]+$/;
const repository = 'an image without tag and digest';

const shape = {
  tag: emptyOr(/^\w[\w.-]{0,127}$/, 'a tag, in quotes'),
  digest: emptyOr(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/, 'a digest: sha256: and 64 hexadecimal digits'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never'], 'Always, IfNotPresent or Never'),
};

export const image = section({ repository: z.string(repository).regex(REPOSITORY, repository), ...shape });

/** An empty repository is Teleport's own. */
export const tbotImage = section({ repository: emptyOr(REPOSITORY, repository), ...shape });
