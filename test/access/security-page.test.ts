import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACTIONS } from '../../src/access/actions.js';

const LIMITED = { cluster: 'its clusters', filtered: 'sees its own', global: 'no' } as const;

it('SECURITY.md says of every action who may do it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../SECURITY.md'), 'utf8');
  const rows = page.match(/^\| `[\w-]+:[\w-]+` \|.*$/gm) ?? [];
  const expected = Object.entries(ACTIONS).map(
    ([action, { roles, scope }]) => `| \`${action}\` | ${roles.join(', ')} | ${LIMITED[scope]} |`,
  );
  expect(rows).toEqual(expected);
});
