import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { PAGE_SIZE } from '../../model/page.js';

/** The values of an operation's variables, as they were sent. */
export type Variables = Readonly<Record<string, unknown>>;

/** What a look at the schema itself costs, whatever of it is asked for. */
const INTROSPECTION_COST = 100;

/** The length that a list without a `@listSize` is reckoned with. */
const ASSUMED_SIZE = 10;

/**
 * The cost of an operation before it is run: how many objects its answer can hold at most, lists without an argument
 * for their size reckoned at their usual one, and what `@cost` in the schema says of single fields. `@skip` and
 * `@include` are taken for absent.
 *
 * The document must be valid. Takes time in proportion to the document, whatever its fragments spread.
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const root = schema.getRootType(operation.operation) ?? undefined;
  const meter = new CostMeter(schema, document, { ...defaultsOf(operation), ...variables });
  return meter.selectionSet(operation.selectionSet, root, ASSUMED_SIZE);
}

/** The defaults of whole-number variables: page sizes are such. */
function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults: Record<string, number> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue?.kind === Kind.INT) defaults[variable.name.value] = Number(defaultValue.value);
  }
  return defaults;
}

class CostMeter {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<string, number>();
  private readonly schema: GraphQLSchema;
  private readonly variables: Variables;

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Variables) {
    this.schema = schema;
    this.variables = variables;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  /** @param pageSize how many items a list in it has where it is a connection's */
  selectionSet(set: SelectionSetNode, parent: GraphQLNamedType | undefined, pageSize: number): number {
    let cost = 0;
    for (const selection of set.selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          cost += this.field(selection, parent, pageSize);
          break;
        case Kind.INLINE_FRAGMENT: {
          const condition = selection.typeCondition?.name.value;
          const type = condition === undefined ? parent : this.schema.getType(condition);
          cost += this.selectionSet(selection.selectionSet, type, pageSize);
          break;
        }
        case Kind.FRAGMENT_SPREAD:
          cost += this.fragment(selection.name.value, pageSize);
          break;
      }
    }
    return cost;
  }

  private fragment(name: string, pageSize: number): number {
    const key = `${name} ${pageSize}`;
    const fragment = this.fragments.get(name);
    const measured = this.known.get(key);
    if (measured !== undefined || fragment === undefined) return measured ?? 0;
    const type = this.schema.getType(fragment.typeCondition.name.value);
    const cost = this.selectionSet(fragment.selectionSet, type, pageSize);
    this.known.set(key, cost);
    return cost;
  }

  private field(node: FieldNode, parent: GraphQLNamedType | undefined, pageSize: number): number {
    const name = node.name.value;
    if (name === '__schema' || name === '__type') return INTROSPECTION_COST;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined) return 0;
    const type = getNamedType(field.type);
    const weight = weightOf(this.schema, field) ?? (isCompositeType(type) ? 1 : 0);
    if (node.selectionSet === undefined) return weight;
    const size = this.listSize(node, field);
    const isList = isListType(getNullableType(field.type));
    const repeat = isList ? (size.assumed ?? pageSize) : 1;
    // In a connection the page's size counts for the lists right under it, such as `edges` and `nodes`.
    return repeat * (weight + this.selectionSet(node.selectionSet, type, size.page ?? ASSUMED_SIZE));
  }

  private listSize(node: FieldNode, field: GraphQLField<unknown, unknown>) {
    const declared = directive(this.schema, field, 'listSize');
    const assumed = declared?.['assumedSize'];
    const slicing = declared?.['slicingArguments'];
    const sizes = Array.isArray(slicing) ? slicing.map((name) => this.argument(node, String(name))) : [];
    return {
      assumed: typeof assumed === 'number' ? assumed : undefined,
      page: sizes.length === 0 ? undefined : Math.max(...sizes),
    };
  }

  /** The value of a page size's argument; what is out of bounds will be refused, and costs the most until then. */
  private argument(node: FieldNode, name: string): number {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    if (given === undefined) return 0;
    const size =
      given.kind === Kind.VARIABLE
        ? this.variables[given.name.value]
        : given.kind === Kind.INT
          ? Number(given.value)
          : undefined;
    return typeof size === 'number' && size >= 0 && size <= PAGE_SIZE.max ? size : PAGE_SIZE.max;
  }
}

function weightOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): number | undefined {
  const weight = directive(schema, field, 'cost')?.['weight'];
  return typeof weight === 'number' ? weight : undefined;
}

function directive(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, name: string) {
  const definition = schema.getDirective(name);
  return definition && field.astNode ? getDirectiveValues(definition, field.astNode) : undefined;
}
