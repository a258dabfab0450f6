import { z } from 'zod';
import { isInstant } from '../model/instant.js';
import { PAGE_SIZE } from '../model/page.js';
import { documentedAs, type JsonSchema } from './documentation.js';

function documented<S extends z.ZodType>(schema: S, as: JsonSchema): S {
  documentedAs.add(schema, as);
  return schema;
}

/** A name in a path: whatever it is, the operation tells whether there is such a thing. */
export function nameParameter(description: string, example: string) {
  return documented(z.string(), { type: 'string', description, example });
}

/** A whole number in a query or path. */
export function wholeNumber(description: string, min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  const schema = z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
  return documented(schema, { type: 'integer', minimum: min, maximum: max, description });
}

/** `true` or `false`. */
export function truth(description: string) {
  const schema = z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((value) => value === 'true');
  return documented(schema, { type: 'boolean', description });
}

/**
 * An instant as RFC 3339 writes it, which also allows `t` and `z`. The `+` of an offset that was not escaped, and so is
 * read as a blank in a query, is taken for what it was: there is no other meaning that it could have.
 */
export function instant(description: string) {
  const schema = z
    .string()
    .transform((value) => value.toUpperCase().replace(/ (?=\d\d:\d\d$)/, '+'))
    .pipe(writtenInstant('2026-03-01T12:00:00Z'));
  return documented(schema, { type: 'string', format: 'date-time', description });
}

/** An instant of RFC 3339 as a member of a body. */
export function writtenInstant(example: string) {
  const schema = z.iso
    .datetime({ offset: true, error: `must be an RFC 3339 time such as ${example}` })
    .transform((value) => new Date(value))
    .refine(isInstant, 'must be a time that exists, of the years 0001 to 9999');
  return documented(schema, { type: 'string', format: 'date-time' });
}

/** A text that is not empty. */
export function text(description: string, longest = 512) {
  const schema = z.string().min(1, 'must not be empty').max(longest, `must be at most ${longest} characters`);
  return documented(schema, { type: 'string', minLength: 1, maxLength: longest, description });
}

/** One of some words. */
export function oneOf<const W extends readonly [string, ...string[]]>(description: string, words: W) {
  const schema = z.enum(words, { error: `must be one of ${words.join(', ')}` });
  return documented(schema, { type: 'string', enum: words, description });
}

/** The two parameters of every list. */
export const pageParameters = {
  first: documented(wholeNumber('', PAGE_SIZE.min, PAGE_SIZE.max).default(PAGE_SIZE.default), {
    type: 'integer',
    minimum: PAGE_SIZE.min,
    maximum: PAGE_SIZE.max,
    default: PAGE_SIZE.default,
    description: 'How many.',
  }),
  after: documented(z.string().nullable().default(null), {
    type: 'string',
    description: '`pageInfo.endCursor` of the page before.',
  }),
};
