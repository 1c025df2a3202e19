import { it } from 'vitest';

it.skip('is skipped', () => undefined);
it.todo('is still to be written');
