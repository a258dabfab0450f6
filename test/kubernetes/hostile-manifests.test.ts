import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/kubernetes/canonical-json.js';
import { maskSecrets } from '../../src/kubernetes/masking.js';
import { type ManifestFormat, parseManifests } from '../../src/kubernetes/manifests.js';
import { decodePod } from '../../src/kubernetes/pod-schema.js';

/** Large enough for anything that isn't linear to take minutes. */
const LARGEST = 2 ** 20;

function filled(piece: string, size = LARGEST): string {
  return piece.repeat(Math.floor(size / piece.length));
}

function chain(links: number, link: (index: number) => string): string {
  return Array.from({ length: links }, (_, index) => link(index)).join('');
}

/** Bodies made to cost much; each with a part of the message it must get, or null where it may be read. */
const HOSTILE: readonly (readonly [string, ManifestFormat, string, string | null])[] = [
  [
    'a billion laughs',
    'yaml',
    `a0: &a0 [lol]\n${chain(30, (n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}*a${n}]\n`)}`,
    'document contains excessive aliasing',
  ],
  [
    'a billion laughs in small documents',
    'yaml',
    filled(
      `---\na: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]\n`,
      2 ** 18,
    ),
    'document contains excessive aliasing',
  ],
  [
    'a long text that is aliased often',
    'yaml',
    `a: &a ${'x'.repeat(2 ** 19)}\nb: [${'*a,'.repeat(100_000)}]\n`,
    'aliasing',
  ],
  [
    'aliases that nest deeper and deeper',
    'yaml',
    `a0: &a0 ${'['.repeat(90)}${']'.repeat(90)}\n${chain(200, (n) => `a${n + 1}: &a${n + 1} ${'['.repeat(90)}*a${n}${']'.repeat(90)}\n`)}`,
    'nested more than 100 levels deep',
  ],
  ['a recursive alias', 'yaml', 'a: &a {b: {c: *a}}\n', 'contains itself'],
  [
    'merges of merges',
    'yaml',
    `a0: &a0 {k: 1}\n${chain(40, (n) => `a${n + 1}: &a${n + 1} {<<: [*a${n}, *a${n}, *a${n}], k${n}: 1}\n`)}`,
    'aliasing',
  ],
  ['empty documents', 'yaml', filled('---\n'), 'more than 10000 documents in one body'],
  ['small documents', 'yaml', filled('---\na: 1\n'), 'more than 10000 documents in one body'],
  ['ended documents', 'yaml', filled('a: 1\n...\n'), 'more than 10000 documents in one body'],
  [
    'objects in a list',
    'json',
    `{"kind":"List","items":[${filled('{},')}{}]}`,
    'more than 10000 objects in one body',
  ],
  ['an array of objects', 'json', `[${filled('{},')}{}]`, 'more than 10000 objects in one body'],
  ['flow lists 100,000 deep', 'yaml', `a: ${'['.repeat(100_000)}`, 'nesting exceeded'],
  ['flow mappings 100,000 deep', 'yaml', '{a: '.repeat(100_000), 'nesting exceeded'],
  ['block lists 100,000 deep', 'yaml', `a:\n ${'- '.repeat(100_000)}x`, 'nesting exceeded'],
  ['block mappings 1,500 deep', 'yaml', chain(1_500, (n) => `${' '.repeat(n)}a:\n`), 'nesting exceeded'],
  ['complex keys 100,000 deep', 'yaml', '? '.repeat(100_000), 'nesting exceeded'],
  ['JSON lists 100,000 deep', 'json', `{"a":${'['.repeat(100_000)}`, 'nested more than 100 levels deep'],
  ['JSON objects 100,000 deep', 'json', '{"a":'.repeat(100_000), 'nested more than 100 levels deep'],
  ['open quotes', 'yaml', filled('a: "\n'), ''],
  ['colons', 'yaml', filled(': '), ''],
  ['question marks', 'yaml', filled('?\n'), ''],
  ['exclamation marks', 'yaml', filled('!'), ''],
  ['anchors', 'yaml', filled('&a '), ''],
  ['blanks', 'yaml', filled(' '), null],
  ['line breaks', 'yaml', filled('\n'), null],
  ['comments', 'yaml', filled('#\n'), null],
  ['a plain scalar of many lines', 'yaml', `a: ${filled('b\n  ')}`, null],
  ['a folded scalar of blank lines', 'yaml', `a: >\n${filled('\n')}  x\n`, null],
  ['flow lists side by side', 'yaml', `a: [${filled('[],', 2 ** 19)}]\n`, null],
  ['flow pairs in a list', 'yaml', `a: [${filled('b: c, ', 2 ** 19)}]\n`, null],
  [
    'keys that may be multiline flow lists',
    'yaml',
    `${'[\n'.repeat(90)}${'x,\n'.repeat(1000)}${']'.repeat(90)}: 1\n`,
    '',
  ],
  ['many duplicate keys', 'yaml', filled('a: 1\n', 2 ** 20), 'duplicate key "a", first seen in line 1'],
  [
    'many duplicate keys',
    'json',
    `{${filled('"a":1,', 2 ** 19)}"a":1}`,
    'duplicate key "a", first seen in line 1',
  ],
  ['many keys', 'yaml', chain(100_000, (n) => `k${n}: 1\n`), null],
  ['more values than allowed', 'json', `[${filled('1,')}1]`, 'more than 500000 values in one body'],
  ['many keys', 'json', `{${chain(100_000, (n) => `"k${n}":1,`)}"a":1}`, null],
  ['a number of a million digits', 'yaml', `a: ${'9'.repeat(10 ** 6)}\n`, null],
  ['a number of a million digits', 'json', `{"a": ${'9'.repeat(10 ** 6)}}`, 'the number is out of range'],
  ['a hexadecimal number of a million digits', 'yaml', `a: 0x${'f'.repeat(10 ** 6)}\n`, null],
  ['a string of escapes', 'json', `{"a": "${filled('\\u0041')}"}`, null],
];

describe('a large body that is made to cost much', () => {
  test.each(HOSTILE)('%s in %s is dealt with in bounded time', (_, format, body, message) => {
    const started = performance.now();
    const parsed = parseManifests(body, format);
    const places = parsed.ok ? parsed.documents.map((document) => parsed.locate(document, '/a/0/b')) : [];
    const milliseconds = performance.now() - started;
    if (message === null) expect(parsed.ok).toBe(true);
    else expect(parsed.ok ? 'read' : parsed.problems[0]?.message).toContain(message);
    expect(places.length).toBe(parsed.ok ? parsed.documents.length : 0);
    // A wide margin for slow machines: what isn't bounded takes minutes.
    expect(milliseconds).toBeLessThan(5_000);
  });

  test('what the rule on aliases lets through can be walked, masked and written', () => {
    const body = `kind: Pod\napiVersion: v1\na0: &a0 [lol]\n${chain(2, (n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}*a${n}]\n`)}`;
    const parsed = parseManifests(body, 'yaml');
    if (!parsed.ok) throw new Error('not read');
    const [document] = parsed.documents;
    if (document === undefined) throw new Error('no document');
    expect(canonicalJson(maskSecrets(document.value)).length).toBeLessThan(10 ** 6);
    expect(decodePod(document.value, { required: false }).warnings.length).toBe(3);
  });

  test.each(['1', '1.', '.'])(
    'a quantity that begins with %j and goes on with digits is no such one fast',
    (start) => {
      const cpu = `${start}${filled('1')}x`;
      const container = { name: 'a', image: 'a', resources: { limits: { cpu } } };
      const started = performance.now();
      const decoded = decodePod({ spec: { containers: [container] } }, { required: false });
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(decoded.errors.map(({ field }) => field)).toEqual(['spec.containers[0].resources.limits[cpu]']);
    },
  );
});
