import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPersistedDocuments } from '../../../src/graphql/persisted/persisted-documents.js';
import { createSchema } from '../../../src/graphql/schema.js';

const schema = createSchema();
const VIEWER = 'query Viewer { viewer { actor } }';
const DIGEST = createHash('sha256').update(VIEWER).digest('hex');

const made = (manifest: unknown) =>
  createPersistedDocuments(schema, typeof manifest === 'string' ? manifest : JSON.stringify(manifest), true);

function apollo(...operations: readonly object[]) {
  return { format: 'apollo-persisted-query-manifest', version: 1, operations };
}

describe('a document is found', () => {
  const relay = { '9ab2f0d1': VIEWER };
  test.each([
    ['by the id of the file', relay, '9ab2f0d1'],
    ['by an id with a prefix of its own', { 'x-app:viewer': VIEWER }, 'x-app:viewer'],
    ['by its SHA-256, whatever its id is', relay, `sha256:${DIGEST}`],
    ['by its SHA-256 without prefix', relay, DIGEST],
    ['by the SHA-256 that Relay writes without prefix', { [DIGEST]: VIEWER }, `sha256:${DIGEST}`],
    ['by a SHA-256 with prefix', { [`sha256:${DIGEST}`]: VIEWER }, DIGEST],
    ["in Apollo's manifest", apollo({ id: DIGEST, name: 'Viewer', type: 'query', body: VIEWER }), DIGEST],
    ['in a map whose id is called format', { format: VIEWER }, 'format'],
  ])('%s', (_, manifest, id) => {
    const documents = made(manifest);
    expect('problems' in documents ? documents.problems : documents.find(id)?.text).toBe(VIEWER);
  });

  test.each(['', 'sha256:', DIGEST.toUpperCase(), `md5:${DIGEST}`, '__proto__', 'constructor', VIEWER])(
    'but not by %s',
    (id) => {
      const documents = made(relay);
      expect('problems' in documents ? documents.problems : documents.find(id)).toBeUndefined();
    },
  );
});

describe('what is wrong with a file is said, all of it', () => {
  test.each([
    ['no JSON', '{"a": ', ['is not JSON: expected a value, found the end of the text (at offset 6)']],
    ['a list', [VIEWER], ['must hold an object from id to document, or the manifest of Apollo']],
    ['a document that is no text', { a: { body: VIEWER } }, ['has no text for "a"']],
    ['another version', { ...apollo(), version: 2 }, ["must be version 1 of Apollo's manifest"]],
    ['no operations', { ...apollo(), operations: {} }, ['must have a list of operations']],
    [
      'operations without id or body',
      apollo({ id: 'a' }, { body: VIEWER }),
      ['has no id and body of type text in operation 0', 'has no id and body of type text in operation 1'],
    ],
    [
      'an id twice in one object',
      `{"a": ${JSON.stringify(VIEWER)}, "a": ${JSON.stringify(VIEWER)}}`,
      ['has the key "a" twice in one object (at offset 43)'],
    ],
    ['an id twice', apollo({ id: 'a', body: VIEWER }, { id: 'a', body: VIEWER }), ['"a" is there twice']],
    [
      'an id twice in two spellings',
      { [DIGEST]: VIEWER, [`sha256:${DIGEST}`]: VIEWER },
      [`"sha256:${DIGEST}" is there twice`],
    ],
    [
      'the SHA-256 of another text',
      { [DIGEST]: `${VIEWER} ` },
      [`"${DIGEST}" is not the SHA-256 of its document`],
    ],
    [
      'ids that are none',
      { 'a b': VIEWER, 'md5:ab': VIEWER, '': VIEWER },
      ['"a b" is no document id', '"md5:ab" is no document id', '"" is no document id'],
    ],
    [
      'documents that are not GraphQL, not of this schema, too deep or without operation',
      {
        a: '{ viewer',
        b: '{ nothing }',
        c: `{ policies(first: 1) { nodes { ${'latest { policy { '.repeat(8)}name${'} }'.repeat(8)} } } }`,
        d: 'fragment F on Query { viewer { actor } }',
        e: `{ ${'x '.repeat(2000)} }`,
      },
      [
        '"a" is not valid: Syntax Error: Expected Name, found <EOF>. (1:9)',
        '"b" is not valid: Cannot query field "nothing" on type "Query". (1:3)',
        `"c" is not valid: The operation's depth is 19, and at most 15 is allowed (1:1)`,
        '"d" is not valid: Fragment "F" is never used. (1:1)',
        expect.stringMatching(/^"e" is not valid: Syntax Error: .* 2000 tokens/),
      ],
    ],
  ])('%s', (_, manifest, problems) => {
    expect(made(manifest)).toStrictEqual({ problems });
  });
});
