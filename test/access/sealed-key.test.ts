import { expect, test } from 'vitest';
import { seal, unseal } from '../../src/access/sealed-key.js';

const SECRET = 'a secret of the tests';

test('what was sealed opens with the same secret and name, and looks different each time', async () => {
  const [one, two] = [await seal('größe', 'name', SECRET), await seal('größe', 'name', SECRET)];
  expect(one).not.toBe(two);
  expect(one).not.toContain('größe');
  for (const sealed of [one, two]) expect(await unseal(sealed, 'name', SECRET)).toBe('größe');
});

test.each<[what: string, change: (sealed: string) => [string, string, string]]>([
  ['another secret', (sealed) => [sealed, 'name', `${SECRET}!`]],
  ['another name', (sealed) => [sealed, 'nome', SECRET]],
  ['another salt', (sealed) => [sealed.replace(/:./, ':~'), 'name', SECRET]],
  ['an altered text', (sealed) => [sealed.replace(/.{4}$/, 'AAAA'), 'name', SECRET]],
  ['a shorter tag', (sealed) => [sealed.replace(/:[^:]+:([^:]+)$/, ':AAAA:$1'), 'name', SECRET]],
  ['a text that is cut off', (sealed) => [sealed.split(':').slice(0, 3).join(':'), 'name', SECRET]],
  ['another format', (sealed) => [`x${sealed}`, 'name', SECRET]],
  ['nothing', () => ['', 'name', SECRET]],
])('does not open with %s', async (_, change) => {
  const [sealed, name, secret] = change(await seal('text', 'name', SECRET));
  expect(await unseal(sealed, name, secret)).toBeNull();
});
