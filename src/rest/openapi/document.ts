import { PROBLEM_TYPES, type ProblemCode, problemUri } from '../../http/problem-types.js';
import type { Method, Route } from '../route.js';
import { answerObject, problemObject } from './answers.js';
import { bodyObject, parameterObjects } from './inputs.js';
import { PUBLIC_PATHS } from './public-paths.js';
import { componentSchemas } from './schemas.js';

/** An OpenAPI 3.1 document, as plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: Readonly<Record<string, unknown>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/** Of the API, not of the server: the number in the paths, then what was added since. */
const API_VERSION = '1.0.0';

const TAGS: Readonly<Record<string, string>> = {
  Evaluation: 'Which policy admits a pod, and how it changes it.',
  Clusters: 'Kubernetes clusters and the policies in force there.',
  Policies: 'PodSecurityPolicies in immutable, numbered versions.',
  Assignments: 'Which policies may be used in a cluster, by whom and where.',
  'Pod specs': 'Stored workloads and their revisions.',
  Decisions: 'The record of every evaluated pod.',
  Tokens: 'Access.',
  Operation: 'For those who run the server.',
};

/** What can go wrong in every request that needs a token. */
const EVERYWHERE: readonly ProblemCode[] = [
  'MALFORMED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_ACCEPTABLE',
  'INVALID',
  'TOO_MANY_REQUESTS',
  'INTERNAL',
  'UNAVAILABLE',
];

/** What can go wrong besides where there is a body. */
const WITH_BODY: readonly ProblemCode[] = ['TIMEOUT', 'TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** Describes the routes, with the very schemas that read their requests. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Partial<Record<Method, unknown>>> = { ...PUBLIC_PATHS };
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Podgate',
      version: API_VERSION,
      summary: 'Pod security policy as a service.',
      description:
        'Every answer bears `X-Request-Id`. Every failure is a problem document (RFC 9457); its `type` is one of the ' +
        'URIs that the schema `Problem` lists. A body may have 3 MiB, counted after decompression too, where the server ' +
        'is not set up otherwise and nothing less is said at the request.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { ...componentSchemas(), Problem: PROBLEM_SCHEMA },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route): Readonly<Record<string, unknown>> {
  const codes = new Set([
    ...EVERYWHERE,
    ...(route.body.content.length > 0 ? WITH_BODY : []),
    ...route.problems,
  ]);
  const responses: Record<string, unknown> = {};
  for (const [status, problem] of Object.entries(problemsByStatus([...codes])))
    responses[status] = problemObject(problem);
  for (const [status, answer] of Object.entries(route.answers)) {
    responses[status] = answerObject(answer, problemsByStatus([...codes])[status] ?? []);
  }
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    parameters: parameterObjects(route),
    ...(route.body.content.length === 0 ? {} : { requestBody: bodyObject(route.body) }),
    responses,
  };
}

function problemsByStatus(codes: readonly ProblemCode[]): Readonly<Record<string, readonly ProblemCode[]>> {
  const byStatus: Record<string, ProblemCode[]> = {};
  for (const code of codes) (byStatus[PROBLEM_TYPES[code].status] ??= []).push(code);
  return byStatus;
}

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  properties: {
    type: {
      type: 'string',
      format: 'uri',
      enum: Object.values(PROBLEM_TYPES).map(({ slug }) => problemUri(slug)),
      description: 'What kind of problem it is.',
    },
    title: { type: 'string', description: 'The same sentence in every problem of that type.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What went wrong this time.' },
    instance: { type: 'string', format: 'uri', description: 'This occurrence, by its request id.' },
    errors: {
      type: 'array',
      description: 'Everything that is wrong, where a place is known.',
      items: {
        type: 'object',
        required: ['message'],
        properties: {
          pointer: { type: 'string', description: 'A JSON Pointer into the body.' },
          line: { type: 'integer', minimum: 1 },
          column: { type: 'integer', minimum: 1 },
          type: { type: 'string', description: "Kubernetes' error type." },
          field: {
            type: 'string',
            description: "Kubernetes' field path, or the name of a parameter, header or part of the path.",
          },
          value: { description: 'What was submitted there.' },
          message: { type: 'string' },
        },
      },
    },
  },
};
