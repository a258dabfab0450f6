/**
 * `node scripts/freeze-build.mjs LABEL [CHECKOUT]`: keeps a build (of this checkout, or of another one that is built) in
 * test/process/earlier-builds, so that the test of rolling upgrades can run it beside later ones. Done once for each
 * release. What is kept is text: the compiled server without the command line and the page, the migrations, the schema.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const here = fileURLToPath(new URL('..', import.meta.url));
const [label, checkout = here] = process.argv.slice(2);
if (label === undefined || !/^[\w.-]+$/.test(label)) {
  process.stderr.write('usage: node scripts/freeze-build.mjs LABEL [CHECKOUT]\n');
  process.exit(2);
}

const server = (file) =>
  file.startsWith('dist/src/') && file.endsWith('.js') && !file.startsWith('dist/src/cli/');
const isKept = (file) => server(file) || file.startsWith('prisma/');

const files = ['dist/src', 'prisma']
  .flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(checkout, join(entry.parentPath, entry.name))),
  )
  .filter(isKept)
  .concat('schema.graphql', 'package.json')
  .sort((a, b) => (a < b ? -1 : 1));
const texts = Object.fromEntries(files.map((file) => [file, readFileSync(join(checkout, file), 'utf8')]));
const target = join(here, 'test/process/earlier-builds', `${label}.json.br`);
writeFileSync(target, brotliCompressSync(JSON.stringify(texts)));
process.stdout.write(`${target}: ${files.length} files\n`);
