/** `npm run build`: generates, then compiles into dist; one build of a checkout at a time. Quiet unless something fails. */
import { spawn } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBuildLock } from './build-lock.mjs';
import { generate } from './generate.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

/** Compiles; what the compiler says goes to standard error, since standard output is for results. */
function compile() {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error('compiling failed'))));
  });
}

withBuildLock(join(root, 'dist', '.build-lock'), async () => {
  await generate();
  await compile();
  // The compiler keeps no modes, and whoever links the command wants to run it.
  await chmod(join(root, 'dist', 'src', 'cli', 'main.js'), 0o755);
}).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
