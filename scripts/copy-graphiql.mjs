/**
 * Puts GraphiQL's page into dist/graphiql: our few files, and the browser bundles of GraphiQL and React as their
 * packages ship them. Run by `npm run generate`.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const target = fileURLToPath(new URL('../dist/graphiql', import.meta.url));

const files = {
  graphiql: ['graphiql.min.js', 'graphiql.min.css'],
  react: ['umd/react.production.min.js'],
  'react-dom': ['umd/react-dom.production.min.js'],
};

mkdirSync(target, { recursive: true });
cpSync(fileURLToPath(new URL('../assets/graphiql', import.meta.url)), target, { recursive: true });
for (const [name, paths] of Object.entries(files)) {
  const folder = dirname(require.resolve(`${name}/package.json`));
  for (const path of paths) cpSync(join(folder, path), join(target, path.replace('umd/', '')));
}
