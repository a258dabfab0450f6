import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphqlContext } from '../context.js';
import { causeOf, INTERNAL_ERROR, isForeseen } from '../format-error.js';
import { PodgateError } from '../../model/errors.js';
import { noteRefusal } from '../../operations/access/refusals.js';

/** Logs what nobody foresaw with its cause, and gives the client the request id under which the log has it. */
export function reportErrors(): ApolloServerPlugin<GraphqlContext> {
  return {
    async requestDidStart({ contextValue: { logger, operation } }) {
      return {
        async didEncounterErrors({ errors }) {
          for (const error of errors) {
            const cause = causeOf(error);
            const { path } = error;
            noteRefusal(operation, cause);
            if (!isForeseen(error)) logger.error({ err: cause, path }, 'field failed unexpectedly');
            else if (cause instanceof PodgateError && cause.code === 'UNAVAILABLE') {
              logger.warn({ err: cause, path }, 'field could not be served');
            }
          }
        },
        async willSendResponse({ response: { body } }) {
          if (body.kind !== 'single' || body.singleResult.errors === undefined) return;
          body.singleResult.errors = body.singleResult.errors.map((error) =>
            error.extensions?.['code'] === INTERNAL_ERROR.code
              ? { ...error, extensions: { ...error.extensions, requestId: operation.requestId } }
              : error,
          );
        },
      };
    },
  };
}
