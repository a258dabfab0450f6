import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isAllowed, licenceOf } from '../../scripts/licences.mjs';
import { productionPackages } from '../../scripts/production-packages.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const readJson = (file: string) => JSON.parse(readFileSync(resolve(ROOT, file), 'utf8'));

async function sbom(...argv: readonly string[]): Promise<string> {
  const script = resolve(ROOT, 'scripts/sbom.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...argv], { maxBuffer: 2 ** 26 });
  return stdout;
}

/** A component of a CycloneDX document. */
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly object[];
}

describe('the bill of materials', async () => {
  const document = JSON.parse(await sbom());
  const components: readonly Component[] = document.components;
  const references = components.map((component) => component['bom-ref']);

  it('is a CycloneDX document about podgate', () => {
    expect(document).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
      version: 1,
      metadata: {
        component: { type: 'application', name: 'podgate', version: readJson('package.json').version },
      },
    });
    for (const component of components) {
      expect(component).toMatchObject({ type: 'library', purl: expect.stringMatching(/^pkg:npm\/\S+@\S+$/) });
      expect(component.hashes[0]?.content).toMatch(/^[0-9a-f]{64,128}$/);
      expect(licenceOf(component), component.name).not.toBe('none');
    }
  });

  it('has every package of an installation for production, and none of development alone', () => {
    const lock = readJson('package-lock.json');
    const needed = [...productionPackages(lock)]
      .filter((place) => lock.packages[place]?.optional !== true)
      .map(
        (place) => `${place.slice(place.lastIndexOf('node_modules/') + 13)}@${lock.packages[place]?.version}`,
      );
    expect(needed.length).toBeGreaterThan(150);
    expect(needed.filter((reference) => !references.includes(reference))).toEqual([]);
    const names = new Set(components.map(({ name }) => name));
    for (const direct of Object.keys(readJson('package.json').dependencies)) expect(names).toContain(direct);
    for (const tool of ['typescript', 'vitest', 'prisma', 'react', 'fast-check'])
      expect(names).not.toContain(tool);
  });

  it('tells what needs what, of its own components only', () => {
    const known = new Set([...references, document.metadata.component['bom-ref']]);
    expect(known.size).toBe(references.length + 1);
    for (const { ref, dependsOn } of document.dependencies) {
      expect(known).toContain(ref);
      for (const needed of dependsOn) expect(known, `${ref} needs ${needed}`).toContain(needed);
    }
  });
});

describe('licences', () => {
  it.each([
    ['MIT', true],
    ['(MIT AND BSD-3-Clause)', true],
    ['(GPL-3.0-only OR Apache-2.0)', true],
    ['(MIT AND GPL-2.0-only)', false],
    ['AGPL-3.0-or-later', false],
    ['UNLICENSED', false],
    ['none', false],
  ])('%s goes with Apache-2.0: %s', (licence, expected) => expect(isAllowed(licence)).toBe(expected));

  it('of all packages of a release are listed, and go with it', async () => {
    expect(await sbom('--licences')).toMatch(/^ *\d+ {2}MIT$/m); // it would reject with the exit code 1
  });
});
