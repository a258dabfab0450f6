import type { Request } from 'express';
import { z } from 'zod';
import { negotiate } from '../http/media-type.js';
import type { ProblemCode } from '../http/problem-types.js';
import { notFound, invalid } from '../model/errors.js';
import type { OperationContext } from '../operations/context.js';
import type { WriteReport } from '../report/report-of-body.js';
import { type BodyReader, noBody } from './body.js';
import { placedError } from './placed-error.js';
import { parameterProblems } from './problems-of.js';
import { queryReader } from './query.js';
import type { Reply } from './reply.js';

/** HTTP methods that routes have; HEAD comes with GET. */
export type Method = 'get' | 'put' | 'post' | 'delete';

/** One possible answer of a route. */
export interface Answer {
  readonly description: string;
  /** The answer's body by media type; a schema for JSON, null for text. Empty: no body. */
  readonly content: Readonly<Record<string, z.ZodType | null>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A header that a route looks at. */
export interface HeaderParameter {
  readonly description: string;
  readonly example: string;
}

/** Everything that is known of a route: what it takes, what it answers, and how it is described. */
export interface RouteDefinition<P extends z.ZodObject, Q extends z.ZodObject, B> {
  /** Unique; clients that are generated name their methods after it. */
  readonly id: string;
  readonly method: Method;
  /** With parameters in braces, as OpenAPI writes it. */
  readonly path: `/${string}`;
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly params: P;
  readonly query: Q;
  readonly headers?: Readonly<Record<string, HeaderParameter>>;
  readonly body: BodyReader<B>;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What can go wrong besides what can go wrong everywhere. */
  readonly problems: readonly ProblemCode[];
}

/** What a route's code gets: everything read and checked. */
export interface RouteInput<P extends z.ZodObject, Q extends z.ZodObject, B> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: B;
  /** The media type that the client wants, of those that the route answers with. */
  readonly accepted: string;
  readonly header: (name: string) => string | undefined;
  readonly context: OperationContext;
  readonly writeReport: WriteReport;
}

/** What all routes are made with. */
export interface RouteGround {
  /** Largest request body in bytes. */
  readonly bodyLimit: number;
  readonly writeReport: WriteReport;
}

/** A route whose types are closed over. */
export interface Route extends RouteDefinition<z.ZodObject, z.ZodObject, unknown> {
  readonly serve: (request: Request, context: OperationContext, ground: RouteGround) => Promise<Reply>;
}

/** No parameters at all; any that comes is refused. */
export const noParameters = z.strictObject({});

/** Makes a route of its definition and its code. What is not said takes no parameters and no body. */
export function route<
  P extends z.ZodObject = typeof noParameters,
  Q extends z.ZodObject = typeof noParameters,
  B = null,
>(
  definition: Omit<RouteDefinition<P, Q, B>, 'params' | 'query' | 'body' | 'problems'> &
    Partial<Pick<RouteDefinition<P, Q, B>, 'params' | 'query' | 'body' | 'problems'>>,
  handle: (input: RouteInput<P, Q, B>) => Promise<Reply>,
): Route {
  // Where they are left out, P, Q and B are their defaults, which these values are of.
  const params = definition.params ?? (noParameters as unknown as P);
  const query = definition.query ?? (noParameters as unknown as Q);
  const body = definition.body ?? (noBody as unknown as BodyReader<B>);
  const offered = mediaTypesOf(definition.answers);
  const readQuery = queryReader(query);
  return {
    ...definition,
    params,
    query,
    body,
    problems: definition.problems ?? [],
    async serve(request, context, { bodyLimit, writeReport }) {
      const [first, ...others] = offered;
      const accepted = first === undefined ? '' : negotiate(request, [first, ...others]);
      const read = {
        params: readParams(params, definition.method, request),
        query: readQuery(request.originalUrl),
      };
      const { value, submitted } = await body.read(request, bodyLimit);
      const header = (name: string) => request.get(name);
      const input = { ...read, body: value, accepted, header, context, writeReport };
      if (submitted === null) return handle(input);
      return handle(input).catch((error: unknown) => {
        throw placedError(error, submitted);
      });
    },
  };
}

/** What the route's answers can be, the first for those who accept anything; none where there is no body. */
function mediaTypesOf(answers: Readonly<Record<number, Answer>>): readonly string[] {
  return [...new Set(Object.values(answers).flatMap((answer) => Object.keys(answer.content)))];
}

/** A path that can't name anything is not found, except where the name would be that of something new. */
function readParams<P extends z.ZodObject>(schema: P, method: Method, request: Request): z.output<P> {
  const parsed = schema.safeParse(request.params);
  if (parsed.success) return parsed.data;
  if (method === 'put') throw invalid('The path is not valid', parameterProblems(parsed.error));
  throw notFound('Path', request.path);
}
