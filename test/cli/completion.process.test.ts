import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { run } from './fixture.ts';

const execute = promisify(execFile);

/** What bash offers after these words, the last one being typed. */
async function complete(...words: string[]): Promise<string[]> {
  const { stdout: script } = await run(['completion', 'bash']);
  const list = ['tbot-injector', ...words].map((word) => `'${word}'`).join(' ');
  const program = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length}; _tbot_injector; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execute('bash', ['--norc', '-c', program]);
  return stdout.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('offers commands first', async () => {
    expect(await complete('in')).toEqual(['inject']);
    expect(await complete('')).toEqual([
      'inject',
      'explain',
      'webhook',
      'controller',
      'completion',
      '--help',
      '--version',
    ]);
  });

  it('offers the flags of the command', async () => {
    expect(await complete('inject', '--na')).toEqual(['--namespace', '--namespace-labels']);
  });

  it('offers the values of a flag that has fixed ones', async () => {
    expect(await complete('inject', '-o', '')).toEqual(['yaml', 'json', 'patch', 'diff']);
  });

  it('leaves file names to the shell', async () => {
    expect(await complete('inject', '--config', '')).toEqual([]);
  });

  it('offers annotations to explain', async () => {
    expect(await complete('explain', 'tb')).toEqual(['tbot-config']);
  });

  it('loads the same in zsh, through its emulation of bash', async () => {
    const { stdout } = await run(['completion', 'zsh']);
    expect(stdout).toMatch(
      /^autoload -Uz compinit bashcompinit && compinit && bashcompinit\n_tbot_injector\(\)/,
    );
  });
});
