import { buildSchema, type GraphQLError, parse, validate, type ValidationRule } from 'graphql';

/** A schema in which everything can be nested in everything. */
const SCHEMA = buildSchema(`
  type Query { me: Person, node: Node }
  interface Node { id: ID, friend: Person }
  type Person implements Node { id: ID, name: String, friend: Person, friends: [Person] }
`);

/** What a rule alone says to a document, as `limit: found of maximum`. */
export function reported(rule: ValidationRule, document: string): readonly string[] {
  return validate(SCHEMA, parse(document), [rule]).map(limitOf);
}

function limitOf({ extensions, message }: GraphQLError): string {
  const limit = extensions['limit'] as { name: string; found: number; maximum: number } | undefined;
  return limit === undefined ? message : `${limit.name}: ${limit.found} of ${limit.maximum}`;
}
