import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { REGISTRY } from '../../../src/engine/controls/registry.js';
import { CONTROLS } from '../../../src/engine/index.js';
import type { ControlFixtures } from './control-case.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const ids = [...new Set(REGISTRY.map(({ control }) => control.id))].sort();

function files(folder: string, ending: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.map((name) => basename(name, ending)).sort();
}

async function fixturesOf(id: string): Promise<ControlFixtures> {
  const module: { fixtures: ControlFixtures } = await import(`./fixtures/${id}.ts`);
  return module.fixtures;
}

describe('the registry of controls', () => {
  it('has a source file, a test and fixtures for each control, and nothing is left over', () => {
    const source = fileURLToPath(new URL('../../../src/engine/controls', import.meta.url));
    const notControls = new Set(['control', 'registry', 'id-ranges']);
    expect(files(source, '.ts').filter((name) => !notControls.has(name))).toEqual(ids);
    expect(files(`${here}fixtures`, '.ts')).toEqual(ids);
    expect(files(here, '.test.ts').filter((name) => name !== 'registry')).toEqual(ids);
  });

  it.each(ids)('has passing and failing fixtures of %s that speak of it', async (id) => {
    const { passing, failing } = await fixturesOf(id);
    const controls = REGISTRY.filter(({ control }) => control.id === id).map(({ control }) => control);
    const names = controls.flatMap(({ fields }) => fields.map(({ name }) => name));
    expect(passing.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(failing.some(({ violations }) => violations.some((text) => text.includes(`${name}: `)))).toBe(
        true,
      );
    }
    if (controls.some((control) => control.default !== undefined)) {
      expect(passing.some(({ patch }) => patch !== undefined && patch.length > 0)).toBe(true);
    }
  });

  it('names each field of a policy once, with words for people', () => {
    const names = CONTROLS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { title, description, help } of CONTROLS) {
      expect([title, description, help].every((text) => text.length > 3)).toBe(true);
    }
  });
});
