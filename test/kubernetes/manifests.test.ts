import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { exactJson } from '../../src/model/exact-json.js';
import type { JsonObject, JsonValue } from '../../src/kubernetes/json-value.js';
import { parseManifests, readManifests, withPositions } from '../../src/kubernetes/manifests.js';
import { writeYaml } from '../../src/kubernetes/yaml-writer.js';

function values(body: string | Uint8Array, format: 'yaml' | 'json' = 'yaml'): JsonValue[] {
  const parsed = parseManifests(body, format);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.documents.map(({ value }) => value);
}

function refusal(body: string | Uint8Array, format: 'yaml' | 'json' = 'yaml') {
  const parsed = parseManifests(body, format);
  if (parsed.ok) throw new Error('it was read');
  return parsed;
}

describe('YAML streams', () => {
  test('documents are numbered without the empty ones', () => {
    const parsed = parseManifests('# nothing\n---\na: 1\n---\n---\n# c\n---\nnull\n---\nb: 2\n...\n', 'yaml');
    expect(parsed.ok && parsed.documents).toEqual([
      { index: 0, item: null, pointer: '', value: { a: 1 } },
      { index: 1, item: null, pointer: '', value: { b: 2 } },
    ]);
  });

  test.each(['', '\n', '# only a comment\n', '---\n---\n', '\ufeff'])('%j holds no document', (body) => {
    expect(values(body)).toEqual([]);
  });

  test('quoted and block scalars are text, whatever they look like', () => {
    const body = 'a: "yes"\nb: \'1\'\nc: |\n  1\nd: >-\n  true\n';
    expect(values(body)).toEqual([{ a: 'yes', b: '1', c: '1\n', d: 'true' }]);
  });

  test('keys that are booleans and numbers become text', () => {
    expect(values('yes: 1\n2: b\n1.5: c\n')).toEqual([{ true: 1, '2': 'b', '1.5': 'c' }]);
  });

  test('tags of a declared handle are understood', () => {
    expect(
      values("%TAG !y! tag:yaml.org,2002:\n---\nv: !y!int '1'\nw: !<tag:yaml.org,2002:str> 1\n"),
    ).toEqual([{ v: 1, w: '1' }]);
  });

  test('a merge key is applied where it stands, as kubectl does it', () => {
    const body = 'x: &x {a: 1, b: 1}\nfirst: {<<: *x, b: 2}\nlast: {b: 2, <<: *x}\n';
    expect(values(body)).toEqual([{ x: { a: 1, b: 1 }, first: { a: 1, b: 2 }, last: { a: 1, b: 1 } }]);
  });

  test('of several merged mappings the earlier one wins', () => {
    const body = 'p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}\n"<<": text\n';
    expect(values(body)).toEqual([{ p: { a: 1 }, q: { a: 2, b: 2 }, r: { a: 1, b: 2 }, '<<': 'text' }]);
  });

  test('an anchor may be set again', () => {
    expect(values('a: &a 1\nb: *a\nc: &a 2\nd: *a\n')).toEqual([{ a: 1, b: 1, c: 2, d: 2 }]);
  });

  test.each(['yaml', 'json'] as const)('__proto__ is an ordinary member in %s', (format) => {
    const [value] = values('{"__proto__": {"polluted": true}, "constructor": 1}', format);
    expect(Object.keys(value as JsonObject)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('encodings', () => {
  const text = 'name: ñoño\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE with a mark', utf16],
    ['UTF-16 BE with a mark', Buffer.from(utf16).swap16()],
  ])('%s is read', (_, body) => {
    expect(values(body)).toEqual([{ name: 'ñoño' }]);
  });

  test('bytes that are no text are refused with their place', () => {
    const body = Buffer.concat([Buffer.from('a: 1\nb: '), Buffer.from([0xc3, 0x28])]);
    expect(refusal(body)).toEqual({
      ok: false,
      code: 'MALFORMED',
      problems: [{ message: 'this is not valid UTF-8 text', line: 2, column: 4 }],
    });
  });
});

describe('refusals', () => {
  test.each<[string, string, 'yaml' | 'json', string, string, number, number]>([
    [
      'a tab in the indentation',
      'a:\n\tb: 1\n',
      'yaml',
      'MALFORMED',
      'tab characters must not be used in indentation',
      2,
      1,
    ],
    ['an unclosed list', 'a: [1,\n', 'yaml', 'MALFORMED', 'deficient indentation', 2, 1],
    [
      'a NUL',
      'a: 1\nb: \0\n',
      'yaml',
      'MALFORMED',
      'the control character U+0000 is not allowed in YAML',
      2,
      4,
    ],
    [
      'an escape character',
      'a: \u001b[31m\n',
      'yaml',
      'MALFORMED',
      'the control character U+001B is not allowed in YAML',
      1,
      4,
    ],
    ['infinity', 'a: .inf\n', 'yaml', 'MALFORMED', '.inf is no JSON value', 1, 4],
    ['a null key', '~: 1\n', 'yaml', 'MALFORMED', 'a key must not be null', 1, 1],
    ['a list as a key', '? [1]\n: 2\n', 'yaml', 'MALFORMED', 'a key must not be a list or a mapping', 1, 4],
    ['an unknown anchor', 'a: *b\n', 'yaml', 'MALFORMED', 'unknown anchor "b" referenced', 1, 5],
    [
      'an alias to what it is in',
      'a: &a\n  b: *a\n',
      'yaml',
      'MALFORMED',
      'anchor "a" value contains itself',
      2,
      7,
    ],
    [
      'a merge of text',
      'a: {<<: text}\n',
      'yaml',
      'MALFORMED',
      'a merge key needs a mapping or a list of mappings',
      1,
      9,
    ],
    [
      'a duplicate key',
      'a: 1\nb:\n  c: {x: 1}\n  d: 2\n  c: 3\n',
      'yaml',
      'MALFORMED',
      'duplicate key "c", first seen in line 3',
      5,
      3,
    ],
    [
      'a duplicate key after a list',
      'a: 1\nb: [a]\na: 2\n',
      'yaml',
      'MALFORMED',
      'duplicate key "a", first seen in line 1',
      3,
      1,
    ],
    ['text', 'a\n', 'yaml', 'INVALID', 'expected an object, found the string "a"', 1, 1],
    [
      'a list of documents in YAML',
      'a: 1\n---\n- b: 1\n',
      'yaml',
      'INVALID',
      'expected an object, found a list',
      3,
      1,
    ],
    [
      'a list whose items are none',
      'kind: List\nitems: {}\n',
      'yaml',
      'INVALID',
      'items must be a list, but is an object',
      2,
      1,
    ],
    [
      'a list with a null item',
      'kind: List\nitems:\n- a: 1\n-\n',
      'yaml',
      'INVALID',
      'expected an object, found null',
      3,
      1,
    ],
    [
      'an unfinished object',
      '{"a": 1,\n',
      'json',
      'MALFORMED',
      'expected a quoted key, found the end of the text',
      2,
      1,
    ],
    ['a trailing comma', '{"a": [1,]}', 'json', 'MALFORMED', 'expected a value, found "]"', 1, 10],
    ['two values', '{}\n{}', 'json', 'MALFORMED', 'expected the end of the text, found "{"', 2, 1],
    ['a word', '{"a": nul}', 'json', 'MALFORMED', 'expected a value, found "n"', 1, 7],
    ['a leading zero', '{"a": 01}', 'json', 'MALFORMED', 'expected "," or "}", found "1"', 1, 8],
    [
      'a raw line break in a string',
      '{"a": "\n"}',
      'json',
      'MALFORMED',
      'a control character must be escaped in a string',
      1,
      8,
    ],
    [
      'an unknown escape',
      '{"a": "\\x"}',
      'json',
      'MALFORMED',
      'the string has an escape that JSON does not know',
      1,
      7,
    ],
    ['an open string', '{"a": "', 'json', 'MALFORMED', 'the string has no closing quote', 1, 7],
    ['an infinite number', '{"a": 1e999}', 'json', 'MALFORMED', 'the number is out of range', 1, 7],
    [
      'a duplicate key',
      '{"a": {"b": 1},\n "a": 2}',
      'json',
      'MALFORMED',
      'duplicate key "a", first seen in line 1',
      2,
      2,
    ],
    ['a number', '1', 'json', 'INVALID', 'expected an object, found the number 1', 1, 1],
    ['an array of numbers', '[{},\n 1]', 'json', 'INVALID', 'expected an object, found the number 1', 2, 2],
  ])('%s: %j', (_, body, format, code, message, line, column) => {
    const refused = refusal(body, format);
    expect(refused.code).toBe(code);
    expect(refused.problems).toMatchObject([{ message, line, column }]);
  });

  test('every duplicate is told', () => {
    expect(refusal('a: 1\na: 2\nb: 1\nb: 2\na: 3\n').problems.map(({ line }) => line)).toEqual([2, 4, 5]);
  });
});

describe('lists', () => {
  test('items of lists, also of typed ones and of lists in lists, stand in for them', () => {
    const body = {
      kind: 'List',
      items: [
        { kind: 'Pod', apiVersion: 'v1' },
        { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ metadata: { name: 'a' } }] },
        { kind: 'PodList', items: null },
        { kind: 'List', apiVersion: 'v1' },
      ],
    };
    const parsed = parseManifests(JSON.stringify([body, { kind: 'Pod' }]), 'json');
    expect(parsed.ok && parsed.documents).toEqual([
      { index: 0, item: 0, pointer: '/items/0', value: { kind: 'Pod', apiVersion: 'v1' } },
      {
        index: 0,
        item: 1,
        pointer: '/items/1/items/0',
        value: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } },
      },
      { index: 1, item: null, pointer: '', value: { kind: 'Pod' } },
    ]);
  });
});

describe('positions', () => {
  const yaml =
    '# c\nkind: Pod\nspec:\n  containers:\n  - name: a\n    "image": b\n  - {name: c, ports: [1, 2]}\n';
  test.each([
    ['', 2, 1],
    ['/kind', 2, 1],
    ['/spec/containers', 4, 3],
    ['/spec/containers/0', 5, 5],
    ['/spec/containers/0/image', 6, 5],
    ['/spec/containers/1', 7, 5],
    ['/spec/containers/1/ports/1', 7, 26],
    ['/spec/containers/7/image', 4, 3],
    ['/spec/nothing/there', 3, 1],
    ['/nothing', 2, 1],
  ])('in YAML %s stands in line %i, column %i', (pointer, line, column) => {
    const parsed = parseManifests(yaml, 'yaml');
    const [document] = parsed.ok ? parsed.documents : [];
    expect(parsed.ok && document !== undefined && parsed.locate(document, pointer)).toEqual({ line, column });
  });

  test('in aliases and merges they are those of the anchored text', () => {
    const parsed = parseManifests('a: &a\n  x: 1\nb: *a\nc:\n  <<: *a\n  z: 2\n', 'yaml');
    if (!parsed.ok) throw new Error('not read');
    const [document] = parsed.documents;
    if (document === undefined) throw new Error('no document');
    expect(parsed.locate(document, '/b/x')).toEqual({ line: 2, column: 3 });
    expect(parsed.locate(document, '/c/x')).toEqual({ line: 2, column: 3 });
    expect(parsed.locate(document, '/c/z')).toEqual({ line: 6, column: 3 });
  });

  test('of several merged mappings it is the one that won', () => {
    const parsed = parseManifests('p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}\n', 'yaml');
    if (!parsed.ok) throw new Error('not read');
    const document = parsed.documents[0] ?? raise();
    expect(parsed.locate(document, '/r/a')).toEqual({ line: 1, column: 8 });
    expect(parsed.locate(document, '/r/b')).toEqual({ line: 2, column: 14 });
  });

  test('a carriage return alone ends a line', () => {
    const parsed = parseManifests('a: 1\rb: 2\r\nc: 3\n', 'yaml');
    if (!parsed.ok) throw new Error('not read');
    expect(parsed.locate(parsed.documents[0] ?? raise(), '/c')).toEqual({ line: 3, column: 1 });
  });

  test('in lists they are those of the item, in arrays those of the element, in CR LF texts as in others', () => {
    const body = '[\r\n{"kind": "List", "items": [\r\n  {"a": 1},\r\n  {"b": 2}]},\r\n{"c": 3}]';
    const parsed = parseManifests(body, 'json');
    const places = parsed.ok
      ? parsed.documents.map((document) => parsed.locate(document, `/${Object.keys(document.value)[0]}`))
      : [];
    expect(places).toEqual([
      { line: 3, column: 4 },
      { line: 4, column: 4 },
      { line: 5, column: 2 },
    ]);
  });
});

describe('streams of several documents', () => {
  const body = [
    '# first',
    'a: 1',
    '---',
    '--- # second',
    'b:',
    '  - |',
    '    --- no mark',
    '  - c: 2',
    '...',
    '%TAG !k! tag:example.org,2000:',
    '--- {d: 3}',
    '---',
    'e: 4',
    '...',
    'f: 5',
  ].join('\n');
  const places = [
    [0, '/a', 2, 1],
    [1, '/b', 5, 1],
    [1, '/b/1/c', 8, 5],
    [2, '/d', 11, 6],
    [3, '/e', 13, 1],
    [4, '/f', 15, 1],
  ] as const;

  test('every place is found, also after the documents went to another thread', () => {
    const read = readManifests(body, 'yaml');
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    for (const manifests of [withPositions(read), withPositions(structuredClone(read))]) {
      const found = places.map(([index, pointer]) => {
        const document = manifests.documents[index];
        const { line, column } = manifests.locate(document ?? raise(), pointer);
        return [index, pointer, line, column];
      });
      expect(found).toEqual(places);
    }
  });

  test('where a tag needs its declaration, the document is named', () => {
    const parsed = parseManifests('a: 1\n...\n%TAG !k! tag:yaml.org,2002:\n---\nb: !k!str 1\n', 'yaml');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.locate(parsed.documents[1] ?? raise(), '/b')).toEqual({ line: 4, column: 1 });
  });
});

function raise(): never {
  throw new Error('there is no such document');
}

describe('laws', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'yes',
      'n',
      '0o17',
      '1_000',
      '.5',
      '1e3',
      '~',
      '',
      '<<',
      '2015-01-01',
      '12:30',
      '- a',
      '# c',
      'a: b',
      '\u0085',
      'a\nb\n',
      '\u2028',
    ),
  );
  const leaf = fc.oneof(
    anyText,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => value + 0)
      .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  );
  const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(anyText, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const anyObject = fc
    .dictionary(fc.string({ minLength: 1 }), tree, { minKeys: 1, noNullPrototype: true })
    .filter((value) => !('items' in value));

  test('a value written as JSON and as YAML is read back as it was', () => {
    fc.assert(
      fc.property(anyObject, (value) => {
        expect(values(exactJson(value), 'json')).toEqual([value]);
        expect(values(writeYaml(value), 'yaml')).toEqual([value]);
      }),
    );
  });

  test('what another YAML 1.1 writer writes is read back as it was', () => {
    // go-yaml takes more for integers than YAML 1.1 does (`-_0`, `0_x1`, `0o7`, `0XA`), so that other writers
    // leave such texts without quotes.
    const text = fc.string().filter((value) => !/^[-+0-9].*[_oOXB]/.test(value));
    const key = text.filter((value) => value !== '');
    const leaf = fc.oneof(text, fc.boolean(), fc.constant(null), fc.integer());
    const plain = fc.dictionary(
      key,
      fc.oneof(leaf, fc.array(leaf), fc.dictionary(text, fc.array(leaf), { noNullPrototype: true })),
      { minKeys: 1, noNullPrototype: true },
    );
    fc.assert(
      fc.property(plain, (value) => {
        expect(values(stringify(value, { version: '1.1' }))).toEqual([value]);
      }),
    );
  });

  test('reading text never throws, and a refusal always has a place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]:,-&*!|>\'"#%@ \n\tab0.<')), maxLength: 40 }),
        fc.constantFrom('yaml', 'json'),
        (text, format) => {
          const parsed = parseManifests(text, format);
          if (!parsed.ok) for (const problem of parsed.problems) expect(problem.line).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('the place of every member is where its key stands', () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/);
    const nested = fc.dictionary(
      word,
      fc.oneof(word, fc.dictionary(word, word, { minKeys: 1, noNullPrototype: true })),
      { minKeys: 1, noNullPrototype: true },
    );
    fc.assert(
      fc.property(nested, fc.constantFrom('yaml', 'json'), (value, format) => {
        const text = format === 'json' ? JSON.stringify(value, null, 2) : writeYaml(value);
        const lines = text.split('\n');
        const parsed = parseManifests(text, format);
        if (!parsed.ok || parsed.documents[0] === undefined) throw new Error('not read');
        for (const [key, member] of Object.entries(value)) {
          for (const path of [
            [key],
            ...(typeof member === 'object' ? Object.keys(member).map((inner) => [key, inner]) : []),
          ]) {
            const { line, column } = parsed.locate(parsed.documents[0], `/${path.join('/')}`);
            const name = path.at(-1) ?? '';
            expect(lines[line - 1]?.slice(column - 1)).toMatch(format === 'json' ? `"${name}"` : name);
          }
        }
      }),
    );
  });
});
