import { z } from 'zod';
import { invalid, type InputProblem } from '../model/errors.js';
import { plainMessage } from './plain-message.js';
import { parameterProblems } from './problems-of.js';

/** Reads the query of a URL. Throws INVALID with every problem. */
export type ReadQuery<Q extends z.ZodObject> = (url: string) => z.output<Q>;

/**
 * Makes the reader of a route's queries. A parameter whose schema is a list may be repeated, any other one be given once;
 * a parameter that the schema doesn't know is refused, since it would be a wish that is silently ignored.
 */
export function queryReader<Q extends z.ZodObject>(schema: Q): ReadQuery<Q> {
  const lists = new Set(Object.keys(schema.shape).filter((name) => isList(schema.shape[name])));
  const ofNothing = schema.safeParse({});
  return (url) => {
    const start = url.indexOf('?');
    if (start < 0 && ofNothing.success) return ofNothing.data;
    return parseQuery(schema, lists, start < 0 ? '' : url.slice(start + 1));
  };
}

function parseQuery<Q extends z.ZodObject>(schema: Q, lists: ReadonlySet<string>, text: string): z.output<Q> {
  const given = new URLSearchParams(text);
  const problems: InputProblem[] = [];
  const entries = [...new Set(given.keys())].map((name): [string, string | string[]] => {
    const values = given.getAll(name);
    if (lists.has(name)) return [name, values];
    if (values.length > 1) problems.push(repeated(name));
    return [name, values[0] ?? ''];
  });
  const parsed = schema.safeParse(Object.fromEntries(entries), { error: plainMessage });
  if (!parsed.success) problems.push(...parameterProblems(parsed.error));
  if (!parsed.success || problems.length > 0) throw invalid('The query is not valid', problems);
  return parsed.data;
}

function repeated(name: string): InputProblem {
  return { message: `${name}: may be given only once`, pointer: name, field: name };
}

/** Whether a parameter takes several values: an array, optional or with a default or not. */
function isList(schema: z.core.$ZodType | undefined): boolean {
  if (schema instanceof z.ZodArray) return true;
  return (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) && isList(schema.def.innerType);
}
