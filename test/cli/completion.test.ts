import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { call } from './call.js';

/** What bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const { out } = await call(['completion', 'bash']);
  const line = ['podgate', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _podgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: '/proc/self' });
  return printed.split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  it('offers commands first', async () => {
    expect(await offered('ev')).toEqual(['evaluate']);
    expect(await offered('po')).toEqual(['policies']);
  });

  it('offers the second word of commands that have two', async () => {
    expect(await offered('token', 're')).toEqual(['revoke']);
  });

  it('offers the options of the command', async () => {
    expect(await offered('evaluate', '--fail')).toEqual(['--fail-on']);
    expect(await offered('policies', 'push', '--dry')).toEqual(['--dry-run']);
    expect(await offered('decisions', 'x', '--dry')).toEqual([]);
  });

  it('offers the choices of an option', async () => {
    expect(await offered('evaluate', '--fail-on', '')).toEqual(['denied', 'never']);
    expect(await offered('token', 'create', '--role', 'AD')).toEqual(['ADMIN']);
  });

  it.each(['bash', 'zsh', 'fish'])('knows every option of every command in %s', async (shell) => {
    const { code, out } = await call(['completion', shell]);
    expect(code).toBe(0);
    for (const option of COMMANDS.flatMap(({ options }) => Object.keys(options))) {
      expect(out).toMatch(new RegExp(`(--|-l )${option}\\b`));
    }
  });

  it('refuses a shell that it does not know', async () => {
    expect(await call(['completion', 'tcsh'])).toMatchObject({ code: 2 });
  });
});
