/**
 * `npm run --silent sbom`: what a release is made of, as a CycloneDX document on standard output. With `--licences`: one
 * line a licence with how many packages have it; exit 1 where one is not among those that go with Apache-2.0.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Licences that ask for nothing but their text and notices to be kept. */
const ALLOWED = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'PSF-2.0',
  'Unlicense',
  'PostgreSQL',
  'CC0-1.0',
  'Zlib',
]);

const text = execFileSync(
  'npm',
  ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev'],
  { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
);

/** The licences of a component; one of an expression's alternatives is enough. */
function licencesOf({ licenses = [] }) {
  return licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? 'none');
}

function isAllowed(licence) {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => ALLOWED.has(one)));
}

if (process.argv.includes('--licences')) {
  const packages = new Map();
  for (const component of JSON.parse(text).components) {
    const licence = licencesOf(component).join(' AND ') || 'none';
    packages.set(licence, [...(packages.get(licence) ?? []), `${component.name}@${component.version}`]);
  }
  for (const [licence, names] of [...packages].sort((a, b) => b[1].length - a[1].length)) {
    const list = isAllowed(licence) ? '' : `: ${names.join(', ')}`;
    process.stdout.write(`${String(names.length).padStart(4)}  ${licence}${list}\n`);
    if (!isAllowed(licence)) process.exitCode = 1;
  }
} else process.stdout.write(text);
