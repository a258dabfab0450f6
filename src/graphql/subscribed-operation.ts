import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { limitError } from './limits/limit-error.js';
import { LIMIT_RULES, LIMITS, MOST_ERRORS } from './limits/limits.js';
import { operationCost } from './limits/operation-cost.js';
import { longQueryError } from './limits/refuse-long-query.js';
import type { PersistedDocuments } from './persisted/persisted-documents.js';
import { type DocumentRequest, requestedDocument } from './persisted/requested-document.js';

/** The payload of a message that subscribes. */
export interface SubscribePayload extends DocumentRequest {
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** What is subscribed to, and what each answer costs at most. */
export interface SubscribedOperation {
  readonly document: DocumentNode;
  readonly cost: number;
}

/** Finds, parses and checks what is subscribed to, within the limits of all operations; else everything that is wrong. */
export function subscribedOperation(
  schema: GraphQLSchema,
  persisted: PersistedDocuments | null,
  payload: SubscribePayload,
): SubscribedOperation | readonly GraphQLError[] {
  const tooLong = longQueryError(payload.query);
  if (tooLong !== null) return [tooLong];
  try {
    const document = documentOf(schema, persisted, payload);
    if (!('kind' in document)) return document;
    const operation = getOperationAST(document, payload.operationName ?? null);
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
      return [
        new GraphQLError('Only subscriptions are taken here: send queries and mutations by POST', {
          extensions: { code: 'BAD_REQUEST' },
        }),
      ];
    }
    const cost = operationCost(schema, document, operation, payload.variables ?? {});
    return cost > LIMITS.cost ? [limitError('cost', LIMITS.cost, cost, [operation])] : { document, cost };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function documentOf(
  schema: GraphQLSchema,
  persisted: PersistedDocuments | null,
  payload: SubscribePayload,
): DocumentNode | readonly GraphQLError[] {
  if (persisted !== null) {
    const asked = requestedDocument(payload, persisted);
    if (asked.kind === 'refused') return [asked.error];
    if (asked.kind === 'persisted') return asked.found.document;
  }
  const document = parsed(String(payload.query));
  const errors = validate(schema, document, [...specifiedRules, ...LIMIT_RULES], { maxErrors: MOST_ERRORS });
  return errors.length > 0 ? errors : document;
}

/** Parses; GraphQL's own complaint about a text has no code, by which it could be told from a failure of the service. */
function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    throw new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
  }
}
