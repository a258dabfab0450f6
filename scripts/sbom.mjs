/**
 * `npm run --silent sbom`: what a release is made of, as a CycloneDX document on standard output. With `--licences`: one
 * line a licence with how many packages have it; exit 1 where one is not among those that go with Apache-2.0.
 *
 * npm describes what is installed here; which of it belongs to a release is told by the lock file. (`npm sbom --omit dev`
 * leaves out what the project needs itself as soon as a tool of the development needs it too.)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAllowed, licenceOf } from './licences.mjs';
import { productionPackages } from './production-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

function describe() {
  const text = execFileSync(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--include', 'optional'],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
  );
  const everything = JSON.parse(text);
  const lock = readJson('package-lock.json');
  const wanted = new Set();
  for (const place of productionPackages(lock)) {
    const {
      name = place.slice(place.lastIndexOf('node_modules/') + 13),
      version,
      optional,
    } = lock.packages[place];
    const reference = `${name}@${version}`;
    if (everything.components.some((component) => component['bom-ref'] === reference)) wanted.add(reference);
    else if (optional !== true) throw new Error(`${reference} is not installed: run npm ci`);
  }
  const { component } = everything.metadata;
  const { name, dependencies, optionalDependencies } = readJson('package.json');
  component.name = name; // npm takes the name of the folder
  const direct = { ...dependencies, ...optionalDependencies };
  const isDirect = (reference) => Object.hasOwn(direct, reference.slice(0, reference.lastIndexOf('@')));
  const isPart = (reference) => wanted.has(reference) || reference === component['bom-ref'];
  return {
    ...everything,
    components: everything.components.filter((each) => isPart(each['bom-ref'])),
    dependencies: everything.dependencies
      .filter(({ ref }) => isPart(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: dependsOn.filter(
          (each) => isPart(each) && (ref !== component['bom-ref'] || isDirect(each)),
        ),
      })),
  };
}

if (process.argv.includes('--licences')) {
  const packages = new Map();
  for (const component of describe().components) {
    const licence = licenceOf(component);
    packages.set(licence, [...(packages.get(licence) ?? []), `${component.name}@${component.version}`]);
  }
  for (const [licence, names] of [...packages].sort((a, b) => b[1].length - a[1].length)) {
    const list = isAllowed(licence) ? '' : `: ${names.join(', ')}`;
    process.stdout.write(`${String(names.length).padStart(4)}  ${licence}${list}\n`);
    if (!isAllowed(licence)) process.exitCode = 1;
  }
} else process.stdout.write(`${JSON.stringify(describe(), null, 2)}\n`);
