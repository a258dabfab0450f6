import type { DirectiveNode, ValidationRule } from 'graphql';
import { limitError } from './limit-error.js';

/** Limits the directives of a document: each one takes time to check, and no honest operation has many. */
export function maxDirectives(maximum: number): ValidationRule {
  return (context) => {
    const directives: DirectiveNode[] = [];
    return {
      Directive(directive) {
        directives.push(directive);
      },
      Document: {
        leave() {
          if (directives.length > maximum) {
            const firstTooMany = directives.slice(maximum, maximum + 1);
            context.reportError(limitError('directives', maximum, directives.length, firstTooMany));
          }
        },
      },
    };
  };
}
