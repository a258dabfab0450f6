import { GraphQLError, type GraphQLScalarTypeConfig, Kind, type ValueNode } from 'graphql';
import type { JsonValue } from '../../kubernetes/json-value.js';

/** How deep a value may be nested: as deep as a manifest. */
const DEEPEST = 200;

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** `JSON`: any JSON value, as it is. Integers beyond ±(2^53−1) are bigints on both ways, so that no digit is lost. */
export const json = {
  serialize: (value: unknown) => value,
  parseValue: (value: unknown) => checked(value, 0),
  parseLiteral: (node: ValueNode, variables?: Variables) => literal(node, variables, 0),
} satisfies Partial<GraphQLScalarTypeConfig<JsonValue, unknown>>;

/** The value itself, once it is known to be JSON and not nested beyond measure. */
function checked(value: unknown, depth: number): JsonValue {
  if (isJson(value, depth)) return value;
  throw new GraphQLError('JSON has only null, booleans, numbers, strings, lists and objects');
}

function isJson(value: unknown, depth: number): value is JsonValue {
  checkDepth(depth);
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return true;
    case 'object':
      return value === null || Object.values(value).every((member) => isJson(member, depth + 1));
    default:
      return false;
  }
}

function literal(node: ValueNode, variables: Variables, depth: number): JsonValue {
  checkDepth(depth);
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return exactInteger(node.value);
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => literal(value, variables, depth + 1));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, literal(field.value, variables, depth + 1)]),
      );
    case Kind.VARIABLE:
      return checked(variables?.[node.name.value] ?? null, depth);
    default:
      throw new GraphQLError(`JSON has no ${node.value}: text must be quoted`, { nodes: node });
  }
}

function exactInteger(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

function checkDepth(depth: number): void {
  if (depth > DEEPEST) throw new GraphQLError(`JSON must not be nested deeper than ${DEEPEST} levels`);
}
