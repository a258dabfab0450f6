import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll } from 'vitest';

const FOLDER = join(import.meta.dirname, 'earlier-builds');
const MODULES = resolve(import.meta.dirname, '../../node_modules');

/** The labels of the builds that scripts/freeze-build.mjs has kept, the oldest first. */
export const EARLIER_BUILDS: readonly string[] = readdirSync(FOLDER)
  .map((file) => file.replace(/\.json\.br$/, ''))
  .sort();

/** Lays an earlier build out in a folder of its own, on the packages of this checkout; gives its program and migrations. */
export function layOut(label: string): { readonly main: string; readonly migrations: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'podgate-earlier-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  // Safe: freeze-build.mjs writes nothing else.
  const files = JSON.parse(
    brotliDecompressSync(readFileSync(join(FOLDER, `${label}.json.br`))).toString(),
  ) as Readonly<Record<string, string>>;
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  mkdirSync(join(folder, 'dist/graphiql'));
  symlinkSync(MODULES, join(folder, 'node_modules'), 'dir');
  const scripts = Object.keys(files).filter((file) => file.endsWith('/migration.sql'));
  return {
    main: join(folder, 'dist/src/main.js'),
    migrations: scripts.map((file) => file.split('/').at(-2) ?? ''),
  };
}
