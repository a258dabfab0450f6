import { type ASTNode, GraphQLError } from 'graphql';

/** What can be limited, and the name under which `extensions.limit` tells it. */
export type LimitName = 'characters' | 'depth' | 'aliases' | 'aliasLength' | 'directives' | 'cost' | 'items';

/** The error for an operation that asks for more than the limit; answered with status 400. */
export function limitError(
  name: LimitName,
  maximum: number,
  found: number,
  nodes?: readonly ASTNode[],
): GraphQLError {
  return new GraphQLError(`${MESSAGES[name]} ${found}, and at most ${maximum} is allowed`, {
    ...(nodes === undefined ? {} : { nodes }),
    extensions: { limit: { name, maximum, found }, http: { status: 400 } },
  });
}

const MESSAGES: Readonly<Record<LimitName, string>> = {
  characters: "The document's number of characters is",
  depth: "The operation's depth is",
  aliases: "The document's number of aliases is",
  aliasLength: "The longest alias' number of characters is",
  directives: "The document's number of directives is",
  cost: "The operation's cost is",
  items: "The number of objects in the answer's lists is",
};
