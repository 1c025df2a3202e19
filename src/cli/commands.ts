import type { Command } from './command.ts';
import { createCompletion } from './completion.ts';
import { controller } from './controller.ts';
import { explain } from './explain.ts';
import { inject } from './inject.ts';
import { webhook } from './webhook.ts';

/** Every command of `tbot-injector`, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  inject,
  explain,
  webhook,
  controller,
  createCompletion(() => COMMANDS),
];
