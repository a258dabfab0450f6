import { describe, expect, it } from 'vitest';
import { createTerminal } from '../../src/cli/terminal.js';

function terminalWith(isTTY: boolean, environment: Readonly<Record<string, string>> = {}) {
  const written: string[] = [];
  const sink = (name: string) => ({ isTTY, write: (text: string) => written.push(`${name}:${text}`) });
  return { terminal: createTerminal(sink('out'), sink('err'), environment), written };
}

describe('a terminal', () => {
  it('shows progress in one line, which results and remarks replace', () => {
    const { terminal, written } = terminalWith(true);
    terminal.progress('1 of 2');
    terminal.progress('2 of 2');
    terminal.line('done');
    terminal.note('remark');
    const clear = 'err:\r\u001b[2K';
    expect(written).toEqual(['err:1 of 2', clear, 'err:2 of 2', clear, 'out:done\n', 'err:remark\n']);
  });

  it.each<[string, boolean, Readonly<Record<string, string>>]>([
    ['nobody watches', false, {}],
    ['a pipeline runs', true, { CI: 'true' }],
  ])('shows none where %s', (_where, isTTY, environment) => {
    const { terminal, written } = terminalWith(isTTY, environment);
    terminal.progress('1 of 2');
    terminal.progress('');
    expect(written).toEqual([]);
  });

  it.each<[boolean, Readonly<Record<string, string>>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('has colours: watched %s, with %j: %s', (isTTY, environment, colours) => {
    expect(terminalWith(isTTY, environment).terminal.colours).toBe(colours);
  });
});
