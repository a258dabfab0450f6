import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { parseCall } from '../../src/cli/parse-arguments.js';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', 'SECURITY.md', ...pagesIn('docs'), ...pagesIn('docs/ci')].map((name) => ({
  name,
  text: readFileSync(resolve(root, name), 'utf8'),
}));

function pagesIn(folder: string): readonly string[] {
  return readdirSync(resolve(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);
}

/** The fenced blocks of a page in one of these languages. */
function blocks(text: string, ...languages: readonly string[]): string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```/gm)].flatMap(([, language = '', block = '']) =>
    languages.includes(language) ? [block] : [],
  );
}

/** The calls of podgate in a text, each as its words. */
function callsIn(text: string): string[][] {
  const names = [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0]))].join('|');
  const calls = text.matchAll(new RegExp(`podgate ((?:${names})\\b[^\\n|>;#]*)`, 'g'));
  return [...calls].map(([, words = '']) =>
    [...words.matchAll(/"[^"]*"|[^\s'"]+|'[^']*'/g)].map(([word]) => word.replaceAll(/^["']|["']$/g, '')),
  );
}

function check(words: readonly string[]): void {
  const command = COMMANDS.find(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
  if (command === undefined) throw new Error(`there is no command ${words.join(' ')}`);
  parseCall(command, words.slice(command.name.split(' ').length));
}

describe('the documentation of the command line', () => {
  const documented = pages.flatMap(({ name, text }) =>
    blocks(text, 'sh', 'yaml', 'groovy').flatMap((block) =>
      callsIn(block).map((words) => ({ name, words, call: words.join(' ') })),
    ),
  );

  it('has calls to be checked', () => {
    expect(documented.length).toBeGreaterThan(20);
  });

  it.each(documented)('$name calls only what there is: $call', ({ words }) => {
    expect(() => check(words)).not.toThrow();
  });

  it.each(COMMANDS.flatMap(({ examples }) => examples.map(({ call }) => call)))(
    'the example works: %s',
    (call) => {
      const calls = callsIn(call);
      expect(calls.length).toBeGreaterThan(0);
      for (const words of calls) expect(() => check(words)).not.toThrow();
    },
  );

  it.each(pages)('$name has no YAML that does not parse', ({ text }) => {
    for (const block of blocks(text, 'yaml')) expect(() => loadAll(block)).not.toThrow();
  });

  it.each(pages)('$name links to pages that are there', ({ name, text }) => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    for (const link of links) expect(existsSync(resolve(root, name, '..', link)), link).toBe(true);
  });
});
