import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { serve } from './process/served.js';

const ROOT = resolve(import.meta.dirname, '..');

/** The tour's shell commands, each with the answer that the README shows of its last line, if any. */
async function tour(): Promise<{ readonly script: string; readonly answer: unknown }[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('## A tour'), readme.indexOf('## The API'));
  const blocks = [...section.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, language, text], index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ script: text ?? '', answer: next?.[1] === 'json' ? JSON.parse(next[2] ?? '') : null }];
  });
}

/** The shown answer as a pattern: `…` stands for anything. */
function pattern(shown: unknown): unknown {
  if (shown === '…') return expect.anything();
  if (Array.isArray(shown)) return shown.map(pattern);
  if (typeof shown !== 'object' || shown === null) return shown;
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, pattern(value)]));
}

it('does in the tour of the README what the README says', { timeout: 120_000 }, async (context) => {
  const run = promisify(execFile);
  await run('bash', ['-c', 'curl --version']).catch(() => context.skip('bash and curl are needed'));
  const folder = await mkdtemp(join(tmpdir(), 'podgate-tour-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(ROOT, 'demo'), join(folder, 'demo'));
  const base = await serve({ PODGATE_DATA_DIR: join(folder, '.podgate') }).ready;

  const steps = await tour();
  let before = '';
  for (const { script, answer } of steps) {
    // Each step runs after the variables that the first one sets; the address is the one that was free.
    const here = script.replace('http://127.0.0.1:8080', base);
    const { stdout } = await run(
      'bash',
      ['-euc', `${before}\n${here.replaceAll(/^curl (?!.*\|)/gm, 'echo; curl --fail-with-body ')}`],
      { cwd: folder },
    );
    if (answer === null && here.includes('API=')) before = here;
    if (answer !== null)
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject(pattern(answer) as object);
  }
  expect(steps.filter(({ answer }) => answer !== null)).toHaveLength(3);
});

it('names every setting that the configuration knows', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const config = await readFile(join(ROOT, 'src/config.ts'), 'utf8');
  const settings = new Set(
    config.match(/^ {4}(PODGATE_[A-Z_]+|DATABASE_URL)(?=:)/gm)?.map((name) => name.trim()),
  );
  expect(settings.size).toBeGreaterThan(7);
  expect([...settings].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
