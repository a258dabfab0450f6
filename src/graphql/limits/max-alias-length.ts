import type { FieldNode, ValidationRule } from 'graphql';
import { limitError } from './limit-error.js';

/** Limits the length of aliases: an answer repeats them in each object of a list. Tells of the longest one. */
export function maxAliasLength(maximum: number): ValidationRule {
  return (context) => {
    let longest: FieldNode | undefined;
    return {
      Field(field) {
        if (lengthOf(field) > lengthOf(longest)) longest = field;
      },
      Document: {
        leave() {
          const found = lengthOf(longest);
          if (longest !== undefined && found > maximum) {
            context.reportError(limitError('aliasLength', maximum, found, [longest]));
          }
        },
      },
    };
  };
}

function lengthOf(field: FieldNode | undefined): number {
  return field?.alias?.value.length ?? 0;
}
