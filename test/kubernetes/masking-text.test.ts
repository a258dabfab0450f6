import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskArgument, maskText } from '../../src/kubernetes/masking-text.js';

const KEY = (body: string) => `-----BEGIN RSA PRIVATE KEY-----${body}-----END RSA PRIVATE KEY-----`;

describe('what may be secret in a text is masked', () => {
  test.each<[name: string, before: string, after: string]>([
    ['an option and its value', 'mysql --password hunter2 -u x', 'mysql --password *** -u x'],
    ['an option and a quoted value', `x --token "hun\nter2" y`, 'x --token *** y'],
    ['an option continued in the next line', 'x --token \\\n  hunter2 y', 'x --token \\\n  *** y'],
    ['an option in a list of words', '["x", "--password", "hunter2"]', '["x", "--password", ***]'],
    ['the same in a text within a text', '[\\"--password\\",\\"hunter2\\"]', '[\\"--password\\",***]'],
    ['a value with a comma', 'PASSWORD=ab,hunter2 x', 'PASSWORD=*** x'],
    ['a value with an escaped blank', 'PASSWORD=ab\\ hunter2 x', 'PASSWORD=*** x'],
    ['a value that is quoted in part', 'PASSWORD="ab"hunter2 x', 'PASSWORD=*** x'],
    ['a member of JSON', '{"password":"hunter2","a":"b"}', '{"password":***,"a":"b"}'],
    [
      'a member of JSON in a text',
      '{\\"password\\":\\"hunter2\\",\\"a\\":1}',
      '{\\"password\\":***,\\"a\\":1}',
    ],
    ['an escaped quote', '{"password":"a\\"hunter2","a":1}', '{"password":***,"a":1}'],
    ['an escaped quote in a text in a text', '{\\"pwd\\":\\"a\\\\\\"hunter2\\"}', '{\\"pwd\\":***}'],
    ['a value of many lines', 'PASSWORD="ab\nhunter2" x', 'PASSWORD=*** x'],
    ['a value whose quote never ends', `password='ab\nhunter2`, 'password=***'],
    ['a password with an @', 'postgres://u:p@hunter2@db/x', 'postgres://***@db/x'],
    ['a password with a slash', 'postgres://u:p/hunter2@db/x', 'postgres://***@db/x'],
    ['a password with both', 'postgres://u:p/hun@ter2@db/x?a=b@c', 'postgres://***@db/x?a=b@c'],
    ['a user with a token of 600', `https://x:${'a'.repeat(600)}@h`, 'https://***@h'],
    [
      'a header with a scheme',
      'curl -H "Authorization: Digest hunter2" x',
      'curl -H "Authorization: Digest ***" x',
    ],
    [
      'a header of many parts',
      `curl -H 'Authorization: Digest username="u", response="hunter2"' x`,
      "curl -H 'Authorization: Digest ***' x",
    ],
    [
      'a header that is the whole line',
      'A: b\nAuthorization: Digest username="u", response="hunter2"\nC: d',
      'A: b\nAuthorization: Digest ***\nC: d',
    ],
    ['cookies', 'curl -H "Cookie: a=b; c=hunter2" x', 'curl -H "Cookie: ***" x'],
    [
      'cookies in a text in a text',
      '"curl -H \\"Cookie: a=b; c=hunter2\\" x"',
      '"curl -H \\"Cookie: ***\\" x"',
    ],
    ['another sign for is', 'password := hunter2', 'password := ***'],
    ['an arrow', "'password' => 'hunter2'", "'password' => ***"],
    ['a value in the next line', 'password:\n  hunter2\na: b', 'password:\n  ***\na: b'],
    [
      'the lines below a name in YAML',
      'a:\n  password: |-\n\n    hun\n\n    ter2\n  b: c',
      'a:\n  password: |-\n\n    ***\n  b: c',
    ],
    ['a private key', `echo "${KEY('\nMIIEhunter2==\n')}" > k`, 'echo "***" > k'],
    ['a private key in JSON', `{"k":"${KEY('\\nMIIEhunter2==\\n')}"}`, '{"k":"***"}'],
    ['a private key without its end', 'x -----BEGIN PRIVATE KEY-----\nMIIEhunter2\n"; y', 'x ***"; y'],
  ])('%s', (_, before, after) => {
    expect(maskText(before)).toBe(after);
  });

  test.each([
    'https://host:8080/a@b',
    'https://host/@scope/name',
    'https://host/?email=a@b',
    'http://$(HOST):$(PORT)/a@b',
    'http://[::1]/a@b',
    'app --password --verbose',
    'app --token -v',
    'app --print-token > file',
    'app --print-token 2>&1',
    'kubectl get secret my-secret -o yaml',
    'secrets:\n  db:\n    name: x',
    'tokens:\n  - name: x',
    'echo "Enter the password:"\nread x\necho "thanks"',
    'grep -- "-----BEGIN CERTIFICATE-----" file',
    'authorization:\n  mode: RBAC',
  ])('it stays as it is: %j', (text) => {
    expect(maskText(text)).toBe(text);
  });
});

const CHARACTERS = Array.from(`aZ0-_.=:>|<"'\\ \t\n\r,;&@/?#[](){}$*+~%^!\u2028é`);
/** What the rules look for, and what only begins like it. */
// biome-ignore format: side by side they are easier to compare
const PIECES = [
  'password', 'token\\', '://', 'https://a', '://u:', '://u:x/', '://u:$A', '://[', '/@', 'Bearer ', 'Basic\t',
  '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----"', '-----END PRIVATE KEY-----',
  '--password', '--password ', '--password "', '--password \\"', '"--password",', '--token --a', '--token 2',
  'password=', 'password="', "password='", 'password=\\"', 'password="\\', 'password=\\', 'password=,', 'pwd=a,b',
  'password: ', 'password:\n ', 'password: |\n', 'password: |\n x\n', 'password: |\n\n', 'pwd:=>', 'pwd   ',
  'Authorization: ', '"Authorization: Digest \\', '\nAuthorization: x', '"cookie:\\"', '\'cookie:"', 'secret-',
  '***', 'password=***)', 'token":"', 'api_key.', '"password":"a",',
];
/** What may stand before a long run of a piece. */
// biome-ignore format: side by side they are easier to compare
const HEADS = [
  '', 'password=', 'password="', 'password=\\"', 'password:\n', 'password: |\n  ', '://', '://u:', '--password ',
  'Authorization: ', '"Cookie: ', '-----BEGIN PRIVATE KEY-----',
];

/** Milliseconds to mask a piece repeated to a size, after each head. */
function timeToMask(heads: readonly string[], piece: string, size: number): number {
  const long = piece.repeat(size / piece.length);
  const started = performance.now();
  for (const head of heads) {
    const text = `${head}${long} token`;
    maskText(text);
    maskArgument(text);
  }
  return performance.now() - started;
}

describe('masking takes time in proportion to the text', () => {
  // Wide margins for slow machines: what isn't linear takes minutes.
  test.each([...CHARACTERS, ...PIECES])('a run of %j', (piece) => {
    expect(timeToMask(HEADS, piece, 2 ** 14)).toBeLessThan(3_000);
    expect(timeToMask([''], piece, 2 ** 20)).toBeLessThan(5_000);
  });

  test.each(HEADS)('a long run of anything after %j', (head) => {
    for (const piece of ['a', '\\', ' ', 'a,', '\\a', '\n  x', '@']) {
      expect(timeToMask([head], piece, 2 ** 20)).toBeLessThan(5_000);
    }
  });

  test.each([
    ['password=', 'a,'],
    ['password=', '\\a'],
    ['password="', '\\a'],
    ['://u:/@', 'a@'],
    ['"Cookie: ', 'a'],
    ['pwd: |\n x', '\n x'],
  ])('twenty million characters of %j and %j are not too many', (head, piece) => {
    expect(() => maskText(head + piece.repeat(20_000_000 / piece.length))).not.toThrow();
  });
});

describe('laws', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(...CHARACTERS, ...PIECES, ...HEADS), { maxLength: 12 })
      .map((pieces) => pieces.join('')),
  );

  test('masking never throws, and masking twice changes nothing more', () => {
    fc.assert(
      fc.property(text, (before) => {
        const masked = maskText(before);
        expect(maskText(masked)).toBe(masked);
        const argument = maskArgument(before);
        expect(maskArgument(argument)).toBe(argument);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a value after a telling name is never seen, whatever it is made of', () => {
    const value = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((rest) => `hunter2${rest}hunter2`);
    fc.assert(
      fc.property(value, (secret) => {
        expect(maskArgument(`--password=${secret}`)).toBe('--password=***');
        expect(maskText(JSON.stringify({ password: secret }))).not.toContain('hunter2');
        expect(maskText(JSON.stringify(JSON.stringify({ password: secret })))).not.toContain('hunter2');
      }),
    );
  });
});
