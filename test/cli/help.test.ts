import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { call } from './call.js';

describe('podgate --help', () => {
  it('lists every command', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    const lines = out.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
    for (const { name, summary } of COMMANDS) expect(lines).toContain(`${name}: ${summary}`);
  });

  it('is shown, with code 2, where no command is given', async () => {
    const { code, out } = await call([]);
    expect(code).toBe(2);
    expect(out).toContain('Usage: podgate COMMAND');
  });

  it.each(COMMANDS.map(({ name }) => name))('teaches %s: usage and every option', async (name) => {
    const command = COMMANDS.find((each) => each.name === name);
    const { code, out } = await call([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: podgate ${name}`);
    for (const option of Object.keys(command?.options ?? {})) expect(out).toContain(`--${option}`);
    expect(await call(['help', ...name.split(' ')])).toEqual({ code: 0, out, err: '' });
  });

  it('says what there is where half a command is given', async () => {
    const { code, err } = await call(['token']);
    expect(code).toBe(2);
    expect(err).toContain('podgate token what?\n  podgate token create');
  });

  it('refuses a command that there is not', async () => {
    expect(await call(['evalaute'])).toEqual({
      code: 2,
      out: '',
      err: 'podgate: there is no command "evalaute"\n  see: podgate --help\n',
    });
  });
});
