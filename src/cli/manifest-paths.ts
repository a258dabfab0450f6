import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { compareBytes } from '../engine/index.js';
import type { UnreadableFile } from '../report/evaluated-file.js';
import { globBase, globExpression, isGlob } from './glob.js';

/** A file to be read. */
export interface ManifestPath {
  /** The name that people and reports see: relative to the working directory where it lies below it. */
  readonly file: string;
  /** Absolute path; null: standard input. */
  readonly path: string | null;
  /** Found in a folder rather than named: files that are no manifests are passed over. */
  readonly found: boolean;
}

/** The files that paths, folders and patterns stand for. */
export interface FoundManifests {
  readonly files: readonly ManifestPath[];
  /** Arguments that name nothing that could be read. */
  readonly problems: readonly UnreadableFile[];
}

const MANIFEST = /\.(ya?ml|json)$/i;
const PASSED_OVER = new Set(['node_modules', '.git']);

/** What standard input is called unless told otherwise. */
const STDIN_NAME = 'stdin';

/**
 * The files that path arguments mean: files, folders (their `*.yaml`, `*.yml` and `*.json`, folders within included),
 * patterns, and `-` for standard input. Each file once, those of a folder in byte order.
 */
export async function findManifests(
  paths: readonly string[],
  directory: string,
  stdinName: string = STDIN_NAME,
): Promise<FoundManifests> {
  const files = new Map<string, ManifestPath>();
  const problems: UnreadableFile[] = [];
  for (const argument of paths) {
    const found =
      argument === '-'
        ? [{ file: stdinName, path: null, found: false }]
        : await expand(argument.replaceAll('\\', '/'), directory);
    if (Array.isArray(found)) for (const file of found) files.set(file.path ?? '-', file);
    else problems.push({ file: argument, message: found.message, problems: [] });
  }
  return { files: [...files.values()], problems };
}

type Expanded = ManifestPath[] | { readonly message: string };

async function expand(argument: string, directory: string): Promise<Expanded> {
  const path = resolve(directory, argument);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return expandFolder(path, argument, directory);
  if (found !== null) return [{ file: shownName(path, directory), path, found: false }];
  if (!isGlob(argument)) return { message: 'there is no such file or folder' };
  const base = resolve(directory, globBase(argument));
  const expression = globExpression(path.replaceAll('\\', '/'));
  const matches = (await filesBelow(base)).filter((file) => expression.test(file.replaceAll('\\', '/')));
  if (matches.length === 0) return { message: 'no file matches this pattern' };
  return matches.map((file) => ({ file: shownName(file, directory), path: file, found: false }));
}

async function expandFolder(path: string, argument: string, directory: string): Promise<Expanded> {
  const names = await readdir(path);
  if (names.includes('Chart.yaml')) {
    return {
      message: `this is a Helm chart, to be rendered first: helm template ${argument} | podgate evaluate -`,
    };
  }
  const files = (await filesBelow(path)).filter((file) => MANIFEST.test(file));
  if (files.length === 0) return { message: 'the folder holds no manifests (*.yaml, *.yml, *.json)' };
  return files.map((file) => ({ file: shownName(file, directory), path: file, found: true }));
}

/**
 * All files below a folder, without hidden ones, in byte order; empty where it can't be read. Links to files count, as
 * Kubernetes mounts ConfigMaps; links to folders are not followed, for they may lead in circles.
 */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && !PASSED_OVER.has(name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesBelow(path);
        const found = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
        return found?.isFile() ? [path] : [];
      }),
  );
  return below.flat().sort(compareBytes);
}

function shownName(path: string, directory: string): string {
  const name = relative(directory, path).replaceAll('\\', '/');
  return name.startsWith('..') ? path : name;
}
