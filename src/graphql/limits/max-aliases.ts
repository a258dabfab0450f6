import type { FieldNode, ValidationRule } from 'graphql';
import { limitError } from './limit-error.js';

/** Limits the aliases of a document: with them one field can be asked for any number of times. */
export function maxAliases(maximum: number): ValidationRule {
  return (context) => {
    const aliased: FieldNode[] = [];
    return {
      Field(field) {
        if (field.alias !== undefined) aliased.push(field);
      },
      Document: {
        leave() {
          if (aliased.length > maximum) {
            const firstTooMany = aliased.slice(maximum, maximum + 1);
            context.reportError(limitError('aliases', maximum, aliased.length, firstTooMany));
          }
        },
      },
    };
  };
}
