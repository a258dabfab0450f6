import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** What each place of the house may import besides itself; `*` is everything. Files at the top bear their own name. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  kubernetes: ['engine/index.ts'],
  model: ['engine/index.ts'],
  access: ['model'],
  storage: ['model', 'engine/index.ts', 'generated'],
  operations: ['engine/index.ts', 'kubernetes', 'model', 'access', 'storage', 'observability'],
  report: ['model', 'engine/index.ts', 'kubernetes'],
  jobs: ['operations'],
  threads: ['operations', 'kubernetes', 'model', 'report'],
  http: ['access', 'model', 'observability'],
  observability: ['model'],
  graphql: [
    'operations',
    'access',
    'model',
    'engine/index.ts',
    'kubernetes',
    'report',
    'http',
    'observability',
    'generated',
  ],
  rest: ['operations', 'access', 'model', 'engine/index.ts', 'kubernetes', 'report', 'http', 'observability'],
  webhook: ['operations', 'access', 'model', 'kubernetes', 'http', 'observability'],
  'app.ts': ['graphql', 'rest', 'http', 'observability', 'operations', 'access', 'config.ts'],
  cli: [
    'operations',
    'engine/index.ts',
    'kubernetes',
    'model',
    'report',
    'compose.ts',
    'config.ts',
    'observability',
  ],
  'compose.ts': ['*'],
  'compose-threads.ts': ['threads', 'graphql/package-file.ts'],
  'compose-webhook.ts': ['*'],
  'config.ts': ['access', 'http', 'model'],
  'main.ts': ['config.ts', 'compose.ts', 'observability'],
};

/** Packages that only one place of the house may know. */
const OWNED_PACKAGES: readonly { package: RegExp; owners: readonly string[] }[] = [
  { package: /^(pg|@prisma\/.*)$/, owners: ['storage'] },
  {
    package: /^(@apollo\/.*|graphql|graphql-ws|@as-integrations\/.*)$/,
    owners: ['graphql', 'app.ts'],
  },
  // Both read what is asked for together at once: the fields of an answer here, the requests of a moment there.
  { package: /^dataloader$/, owners: ['graphql', 'storage'] },
  { package: /^express$/, owners: ['graphql', 'rest', 'webhook', 'http', 'app.ts', 'compose.ts'] },
];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
  .sort();
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [
    ...[...statements].map((match) => ({
      file,
      specifier: match[2] ?? '',
      typeOnly: match[1] !== undefined,
    })),
    ...[...dynamic].map((match) => ({ file, specifier: match[1] ?? '', typeOnly: false })),
  ];
}

/** The place of a file in the house: its folder under src, or its own name at the top. */
function placeOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function targetOf({ file, specifier }: Import): string {
  return relative(source, resolve(source, dirname(file), specifier)).replace(/\.js$/, '.ts');
}

function isAllowed(from: string, target: string): boolean {
  const place = placeOf(target);
  const allowed = MAY_IMPORT[from] ?? [];
  return place === from || allowed.includes('*') || allowed.includes(place) || allowed.includes(target);
}

describe('the house', () => {
  it('is read whole, so that this test does not pass by seeing nothing', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
  });

  it('has no place that the table does not know', () => {
    const unknown = [...new Set(files.map(placeOf))].filter((place) => !(place in MAY_IMPORT));
    expect(unknown).toEqual([]);
  });

  it('lets every place import only what the table allows', () => {
    const forbidden = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter((found) => !isAllowed(placeOf(found.file), targetOf(found)))
      .map((found) => `${found.file} imports ${targetOf(found)}`);
    expect(forbidden).toEqual([]);
  });

  it('keeps the engine free of every package and of Node itself', () => {
    const outside = imports
      .filter(({ file, specifier }) => placeOf(file) === 'engine' && !specifier.startsWith('.'))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(outside).toEqual([]);
  });

  it('lets each framework be known in its own place only', () => {
    const strangers = imports.flatMap(({ file, specifier }) =>
      OWNED_PACKAGES.filter(
        (rule) => rule.package.test(specifier) && !rule.owners.includes(placeOf(file)),
      ).map(() => `${file} imports ${specifier}`),
    );
    expect(strangers).toEqual([]);
  });

  it('reads the environment in config.ts alone', () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(source, file), 'utf8')));
    expect(readers.filter((file) => !['main.ts', 'cli/main.ts'].includes(file))).toEqual([]);
  });

  it('has no cycles between its places', () => {
    const edges = new Map<string, Set<string>>();
    for (const found of imports.filter(({ specifier }) => specifier.startsWith('.'))) {
      const from = placeOf(found.file);
      const to = placeOf(targetOf(found));
      if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
      [...(edges.get(from) ?? [])].some(
        (next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))),
      );
    expect([...edges.keys()].filter((place) => reaches(place, place, new Set()))).toEqual([]);
  });

  it('has files that a person can read in one go', () => {
    const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });
});
