import { PROBLEM_MEDIA_TYPE } from '../../http/problem.js';
import { PROBLEM_TYPES, type ProblemCode, problemUri } from '../../http/problem-types.js';
import type { Answer } from '../route.js';
import { jsonSchema } from './schemas.js';

const REQUEST_ID = { 'X-Request-Id': header('Names the request in the log.') };

/** A Response Object for one of the route's answers, and for the problems that share its status. */
export function answerObject(answer: Answer, problems: readonly ProblemCode[]): unknown {
  const content = Object.fromEntries(
    Object.entries(answer.content).map(([mediaType, schema]) => [
      mediaType.replace(/;.*/, ''),
      { schema: schema === null ? { type: 'string' } : jsonSchema(schema, 'output') },
    ]),
  );
  const failed = problems.length === 0 ? {} : { [PROBLEM_MEDIA_TYPE]: problemContent(problems) };
  const headers = Object.entries(answer.headers ?? {}).map(([name, description]) => [
    name,
    header(description),
  ]);
  return {
    description: answer.description,
    headers: { ...REQUEST_ID, ...Object.fromEntries(headers) },
    ...(Object.keys(content).length === 0 && problems.length === 0
      ? {}
      : { content: { ...content, ...failed } }),
  };
}

/** A Response Object for the problems of one status. */
export function problemObject(problems: readonly ProblemCode[]): unknown {
  return {
    description: problems.map((code) => `${PROBLEM_TYPES[code].title}.`).join(' '),
    headers: { ...REQUEST_ID, ...headersOf(problems) },
    content: { [PROBLEM_MEDIA_TYPE]: problemContent(problems) },
  };
}

function problemContent(problems: readonly ProblemCode[]): unknown {
  const examples = problems.map((code) => {
    const { title, status, slug } = PROBLEM_TYPES[code];
    const detail = `${title}: what exactly, is said here`;
    const instance = 'urn:podgate:request:0f6d3c3e-8f0e-4c55-9f4f-0a4a8f1d2b11';
    return [slug, { value: { type: problemUri(slug), title, status, detail, instance } }];
  });
  return { schema: { $ref: '#/components/schemas/Problem' }, examples: Object.fromEntries(examples) };
}

function headersOf(problems: readonly ProblemCode[]): Readonly<Record<string, unknown>> {
  if (problems.includes('UNAUTHENTICATED')) return { 'WWW-Authenticate': header('How to authenticate.') };
  const waits = problems.includes('UNAVAILABLE') || problems.includes('TOO_MANY_REQUESTS');
  return waits ? { 'Retry-After': header('Seconds after which to try again.') } : {};
}

function header(description: string): unknown {
  return { description, schema: { type: 'string' } };
}
