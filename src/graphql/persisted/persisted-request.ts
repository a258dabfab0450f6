import type { Request, RequestHandler, Response } from 'express';
import { getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import { attachRequestContext, requestContext } from '../../http/request-context.js';
import { parseStrictJson } from '../../kubernetes/canonical-json.js';
import { PodgateError } from '../../model/errors.js';
import type { PersistedDocument, PersistedDocuments } from './persisted-documents.js';
import { type DocumentRequest, requestedDocument } from './requested-document.js';

/** Members of a request beside the document. */
interface Parameters extends DocumentRequest {
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/** Puts the document that `request.body` asks for into it, or answers why there is none. */
export function findDocument(persisted: PersistedDocuments): RequestHandler {
  return (request, response, next) => {
    const body: unknown = request.body;
    if (typeof body !== 'object' || body === null) {
      next();
      return;
    }
    const asked = requestedDocument(body, persisted);
    if (asked.kind === 'refused') {
      refuse(response, 400, asked.error);
      return;
    }
    request.body = withText(body, asked.kind === 'persisted' ? asked.found.text : asked.query);
    next();
  };
}

/**
 * Answers a persisted document that is asked for by GET, its parameters in the URL; queries only, since nothing may
 * change by a GET. Free documents are sent by POST.
 */
export function runByGet(persisted: PersistedDocuments, execute: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const parameters = parametersOf(new URL(request.originalUrl, 'http://podgate').searchParams);
    if (parameters instanceof GraphQLError) {
      refuse(response, 400, parameters);
      return;
    }
    const asked = requestedDocument(parameters, persisted);
    if (asked.kind === 'refused') {
      refuse(response, 400, asked.error);
      return;
    }
    if (asked.kind === 'free') {
      next();
      return;
    }
    if (changes(asked.found, parameters.operationName)) {
      response.setHeader('Allow', 'POST');
      throw new PodgateError('METHOD_NOT_ALLOWED', 'Only queries are answered by GET');
    }
    return execute(asPost(request, withText(parameters, asked.found.text)), response, next);
  };
}

/** What Apollo Server shall see: the text, and no id, of which it knows only its own kind. */
function withText({ documentId: _id, ...rest }: Parameters, query: unknown) {
  const { extensions } = rest;
  if (typeof extensions !== 'object' || extensions === null) return { ...rest, query };
  const others = Object.entries(extensions).filter(([name]) => name !== 'persistedQuery');
  return { ...rest, query, extensions: Object.fromEntries(others) };
}

/** The parameters that the URL has, `variables` and `extensions` as JSON; the error where one is wrong. */
function parametersOf(search: URLSearchParams): Parameters | GraphQLError {
  const parameters: Record<string, unknown> = {};
  for (const name of ['documentId', 'operationName', 'variables', 'extensions']) {
    const [value, ...more] = search.getAll(name);
    if (more.length > 0) return badRequest(`The parameter ${name} is there twice`);
    if (value === undefined || value === '') continue;
    try {
      parameters[name] = name === 'variables' || name === 'extensions' ? parseStrictJson(value) : value;
    } catch {
      return badRequest(`The parameter ${name} is not JSON`);
    }
  }
  return parameters;
}

/** Whether the operation isn't a query; which one is meant, and whether it is there, Apollo Server says. */
function changes({ document }: PersistedDocument, operationName: unknown): boolean {
  const operation = getOperationAST(document, typeof operationName === 'string' ? operationName : null);
  return operation !== null && operation !== undefined && operation.operation !== OperationTypeNode.QUERY;
}

/** The request as it would have come by POST: Apollo Server's way of reading a URL rounds integers beyond 2^53. */
function asPost(request: Request, body: unknown): Request {
  const post = Object.create(request, { method: { value: 'POST' }, body: { value: body } }) as Request;
  attachRequestContext(post, requestContext(request));
  return post;
}

function refuse(response: Response, status: number, error: GraphQLError): void {
  response.status(status).json({ errors: [error.toJSON()] });
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
