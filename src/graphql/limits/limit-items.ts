import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { limitError } from './limit-error.js';

/**
 * What comes whole with the evaluation, decision or payload that it is a part of, which has limits of its own. Where it
 * is what a mutation did, it must not be kept from who asked.
 */
const PARTS: ReadonlySet<string> = new Set([
  'EvaluationResult',
  'Candidate',
  'Violation',
  'PolicyFix',
  'FixChoice',
  'PolicyWarning',
  'UserError',
]);

/**
 * Makes the schema count the objects in an operation's lists while it is run, and refuse the list with which they are more
 * than the maximum: how long lists without pages are is not known before, and one in another multiplies them. From then
 * on lists are empty and nothing is read for them; {@link endedBy} tells of it.
 */
export function limitItems(schema: GraphQLSchema, maximum: number): GraphQLSchema {
  // GraphQL makes the variables' values anew for each run of an operation, also for each event of a subscription.
  const items = new WeakMap<object, number>();
  const counting = (resolve: Resolve): Resolve =>
    function count(source, args, context, info) {
      const run = info.variableValues;
      if ((items.get(run) ?? 0) > maximum) return [];
      const add = (list: unknown): unknown => {
        if (!Array.isArray(list)) return list;
        const before = items.get(run) ?? 0;
        if (before > maximum) return [];
        const found = before + list.length;
        items.set(run, found);
        if (found > maximum) throw limitError('items', maximum, found, info.fieldNodes);
        return list;
      };
      const list = resolve(source, args, context, info);
      return list instanceof Promise ? list.then(add) : add(list);
    };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const item = getNamedType(field.type);
      const isList = isListType(getNullableType(field.type));
      if (!isList || !isCompositeType(item) || PARTS.has(item.name)) continue;
      field.resolve = counting(field.resolve ?? defaultFieldResolver);
    }
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, unknown, Record<string, unknown>>;

/** The error with which a run ended before its answer was whole, of all that it ended with; undefined where it is whole. */
export function endedBy<E extends { readonly extensions?: Readonly<Record<string, unknown>> | undefined }>(
  errors: readonly E[] | undefined,
): E | undefined {
  return errors?.find((error) => {
    const limit = error.extensions?.['limit'];
    return typeof limit === 'object' && limit !== null && 'name' in limit && limit.name === 'items';
  });
}
