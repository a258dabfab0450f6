/**
 * `npm run generate`: the generated sources under src/generated, which aren't committed. A step whose inputs are those
 * of the last run is skipped. Quiet unless something fails.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBuildLock } from './build-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** What is generated from what, in order. */
const steps = [
  {
    name: 'prisma',
    output: 'src/generated/prisma',
    inputs: ['prisma/schema.prisma', require.resolve('prisma/package.json')],
    command: [require.resolve('prisma/build/index.js'), 'generate', '--no-hints'],
    // Without an engine of its own `prisma generate` wants to download one that it never runs: any executable will do.
    env: {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  },
  {
    name: 'graphql',
    output: 'src/generated/graphql',
    inputs: [
      'schema.graphql',
      'scripts/generate-graphql.mjs',
      require.resolve('@graphql-codegen/core/package.json'),
    ],
    command: [join(root, 'scripts', 'generate-graphql.mjs')],
    env: {},
  },
  {
    name: 'graphiql',
    output: 'dist/graphiql',
    inputs: [
      'scripts/copy-graphiql.mjs',
      'assets/graphiql/index.html',
      'assets/graphiql/page.css',
      'assets/graphiql/page.js',
      require.resolve('graphiql/package.json'),
    ],
    command: [join(root, 'scripts', 'copy-graphiql.mjs')],
    env: {},
  },
];

/** Brings every generated source up to date; the caller holds the build lock. */
export async function generate() {
  for (const step of steps) {
    const output = join(root, step.output);
    const stamp = join(output, '.inputs');
    const inputs = digest(step);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) continue;
    rmSync(output, { recursive: true, force: true });
    await run(step);
    writeFileSync(stamp, inputs);
  }
}

function digest(step) {
  const hash = createHash('sha256').update(JSON.stringify(step.command.slice(1)));
  for (const input of step.inputs) hash.update(readFileSync(resolve(root, input)));
  return hash.digest('hex');
}

function run(step) {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, step.command, {
      cwd: root,
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) done();
      else reject(new Error(`generating ${step.name} failed:\n${Buffer.concat(said).toString()}`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  withBuildLock(join(root, 'dist', '.build-lock'), generate).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
