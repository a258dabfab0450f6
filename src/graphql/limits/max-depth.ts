import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { limitError } from './limit-error.js';

/**
 * Limits how deep fields are nested in an operation, fragments followed. Introspection doesn't count: GraphQL's own
 * rules bound it, and the standard introspection query is deeper than any other.
 */
export function maxDepth(maximum: number): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    const depthOf = depthMeter((name) => context.getFragment(name) ?? undefined);
    return {
      OperationDefinition(operation) {
        const depth = depthOf(operation.selectionSet);
        if (depth > maximum) context.reportError(limitError('depth', maximum, depth, [operation]));
      },
    };
  };
}

/** Each fragment is measured once, however often it is spread; one that spreads itself ends there. */
function depthMeter(fragmentOf: (name: string) => FragmentDefinitionNode | undefined) {
  const known = new Map<string, number>();

  function depthOfSet(set: SelectionSetNode | undefined): number {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      switch (selection.kind) {
        case Kind.FIELD:
          deepest = Math.max(deepest, depthOfField(selection));
          break;
        case Kind.INLINE_FRAGMENT:
          deepest = Math.max(deepest, depthOfSet(selection.selectionSet));
          break;
        case Kind.FRAGMENT_SPREAD:
          deepest = Math.max(deepest, depthOfFragment(selection.name.value));
          break;
      }
    }
    return deepest;
  }

  function depthOfField(field: FieldNode): number {
    return field.name.value.startsWith('__') ? 0 : 1 + depthOfSet(field.selectionSet);
  }

  function depthOfFragment(name: string): number {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    known.set(name, 0);
    const depth = depthOfSet(fragmentOf(name)?.selectionSet);
    known.set(name, depth);
    return depth;
  }

  return depthOfSet;
}
