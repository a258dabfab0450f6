import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The absolute path of a file of this package, given its path from the top. The top is where package.json is, however
 * deep the compiled or the original source lies below it.
 */
export function packageFile(...path: readonly string[]): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json was not found above the source');
    folder = parent;
  }
  return join(folder, ...path);
}
