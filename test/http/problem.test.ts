import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemDocument } from '../../src/http/problem.js';
import { PROBLEM_TYPES } from '../../src/http/problem-types.js';
import { PodgateError } from '../../src/model/errors.js';

describe('a problem document', () => {
  it('has the members of RFC 9457 and no others', () => {
    const error = new PodgateError('NOT_FOUND', 'Cluster "a" was not found', { cause: new Error('secret') });
    expect(problemDocument(error, 'r1')).toEqual({
      type: 'urn:podgate:problem:not-found',
      title: 'There is no such thing',
      status: 404,
      detail: 'Cluster "a" was not found',
      instance: 'urn:podgate:request:r1',
    });
  });

  it('lists each problem with the members that are known of it', () => {
    const problem = {
      message: 'must be an integer',
      line: 3,
      column: 7,
      pointer: '/spec',
      type: 'Invalid',
      value: 1n,
    };
    const error = new PodgateError('INVALID', 'not valid', { problems: [problem, { message: 'too bad' }] });
    expect(problemDocument(error, 'r1').errors).toEqual([problem, { message: 'too bad' }]);
  });
});

describe('the place of a problem', () => {
  it('has a parameter or header as field, since its name is no JSON Pointer', () => {
    const problems = [
      { message: 'of a parameter', pointer: 'first', field: 'first' },
      { message: 'of a header', pointer: 'If-Match' },
      { message: 'of the whole body', pointer: '' },
    ];
    expect(problemDocument(new PodgateError('INVALID', 'not valid', { problems }), 'r1').errors).toEqual([
      { message: 'of a parameter', field: 'first' },
      { message: 'of a header', field: 'If-Match' },
      { message: 'of the whole body', pointer: '' },
    ]);
  });
});

describe('the table of problem types', () => {
  const slugs = Object.values(PROBLEM_TYPES).map((type) => type.slug);
  it('names every type once', () => expect(new Set(slugs).size).toBe(slugs.length));

  it('is explained entry by entry in docs/problems.md', () => {
    const page = readFileSync(new URL('../../docs/problems.md', import.meta.url), 'utf8');
    for (const [code, { status, slug }] of Object.entries(PROBLEM_TYPES)) {
      expect(page, code).toContain(`## ${slug}\n`);
      expect(page, code).toContain(`\`urn:podgate:problem:${slug}\` · ${status}`);
    }
    expect(page.match(/^## /gm)).toHaveLength(slugs.length);
  });
});
