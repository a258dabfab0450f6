import type { z } from 'zod';
import type { InputProblem, ProblemValue } from '../model/errors.js';

/** Where something stands in the submitted text. */
export type Locate = (pointer: string) => { readonly line: number; readonly column: number };

/** Every problem that a schema found in a JSON body, each with its pointer, field, value and place. */
export function bodyProblems(error: z.ZodError, value: unknown, locate: Locate): readonly InputProblem[] {
  return flatten(error).map(({ path, message }) => {
    const pointer = path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    return { message, pointer, ...locate(pointer), field: fieldOf(path), ...shown(valueAt(value, path)) };
  });
}

/** Every problem that a schema found in the query, each with the parameter's name. */
export function parameterProblems(error: z.ZodError): readonly InputProblem[] {
  return flatten(error).map(({ path, message }) => {
    const [name = ''] = path;
    return { message: `${name}: ${message}`, pointer: name, field: name };
  });
}

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

/** The issues with one entry for each unknown member, at that member. */
function flatten(error: z.ZodError): readonly Issue[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not known here' }));
  });
}

/** A path as Kubernetes writes fields: `subjects[0].kind`. */
function fieldOf(path: readonly string[]): string {
  return path.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, key) => {
    const isInside = typeof current === 'object' && current !== null && Object.hasOwn(current, key);
    return isInside ? Reflect.get(current, key) : undefined;
  }, value);
}

/** Only simple values are shown again: whole objects would make the answer as large as the request. */
function shown(value: unknown): { readonly value?: ProblemValue } {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return { value };
    default:
      return value === null ? { value } : {};
  }
}
