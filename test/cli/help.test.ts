import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import packageJson from '../../package.json' with { type: 'json' };
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

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'says what %s takes: what takes options alone refuses anything else',
    async (name, command) => {
      const takesNames = /^\w|\| \w/.test(command.arguments);
      expect(command.takesOptionsOnly ?? false).toBe(!takesNames);
      if (takesNames) return;
      const { code, out, err } = await call([...name.split(' '), 'surplus']);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain('"surplus" is too much here');
    },
  );

  it.each(['policies', 'token', 'cluster', 'webhook-secret', 'audit'])(
    'teaches what %s there are',
    async (word) => {
      const { code, out, err } = await call([word, '--help']);
      expect([code, err]).toEqual([0, '']);
      const lines = out.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
      const group = COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
      expect(group.length).toBeGreaterThan(0);
      for (const { name, summary } of group) expect(lines).toContain(`${name}: ${summary}`);
      expect(await call(['help', word])).toEqual({ code, out, err });
      expect(await call([word, '-h'])).toEqual({ code, out, err });
    },
  );

  it('names the values that an option takes', async () => {
    for (const { name, options } of COMMANDS) {
      const { out } = await call([...name.split(' '), '--help']);
      for (const [option, { choices = [] }] of Object.entries(options)) {
        const line = out
          .split('\n')
          .find((each) => /^ +(-\w, )?--/.test(each) && each.includes(`--${option} `));
        for (const choice of choices) expect(line, `${name} --${option}`).toContain(choice);
      }
    }
  });

  it('tells its version', async () => {
    expect(await call(['--version'])).toEqual({ code: 0, out: `podgate ${packageJson.version}\n`, err: '' });
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
