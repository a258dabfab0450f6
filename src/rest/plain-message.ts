import type { z } from 'zod';
import { describeValue, type JsonValue } from '../kubernetes/json-value.js';

/** What a schema expects, as the messages about manifests name it. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * What a schema finds wrong, in the words in which wrong manifests are told of. For zod, which takes it where a schema
 * has no message of its own; undefined: zod's own will do.
 */
export function plainMessage(issue: z.core.$ZodRawIssue): string | undefined {
  const isMissing = issue.input === undefined;
  switch (issue.code) {
    case 'invalid_type': {
      const expected = EXPECTED[issue.expected];
      if (expected === undefined) return undefined;
      return isMissing ? `is required: ${expected}` : `must be ${expected}, but is ${shown(issue.input)}`;
    }
    case 'invalid_value': {
      const words = issue.values.map(String).join(', ');
      return isMissing ? `is required: one of ${words}` : `must be one of ${words}`;
    }
    case 'too_small':
      return atLeast(issue.origin, Number(issue.minimum));
    case 'too_big':
      return atMost(issue.origin, Number(issue.maximum));
    default:
      return undefined;
  }
}

function atLeast(origin: string, minimum: number): string {
  if (origin === 'string' && minimum === 1) return 'must not be empty';
  return origin === 'string' || origin === 'array'
    ? `must have at least ${minimum} ${unitOf(origin)}`
    : `must be at least ${minimum}`;
}

function atMost(origin: string, maximum: number): string {
  return origin === 'string' || origin === 'array'
    ? `must have at most ${maximum} ${unitOf(origin)}`
    : `must be at most ${maximum}`;
}

function unitOf(origin: 'string' | 'array'): string {
  return origin === 'string' ? 'characters' : 'entries';
}

function shown(input: unknown): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only values read from JSON or a URL come here
  return describeValue(input as JsonValue);
}
