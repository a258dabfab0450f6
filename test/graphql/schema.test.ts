import { readFileSync } from 'node:fs';
import {
  defaultFieldResolver,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  print,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSchema } from '../../src/graphql/schema.js';

const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** The fields that GraphQL reads from a record of ours: `Type.field` of each, by the model's files and interfaces. */
const RECORDS: Readonly<Record<string, readonly [files: string, ...interfaces: string[]]>> = {
  Viewer: ['principal', 'Principal'],
  Cluster: ['cluster admission', 'Cluster', 'ClusterSettings', 'AdmissionSettings'],
  AdmissionSettings: ['admission', 'AdmissionSettings'],
  NamespaceMode: ['admission', 'NamespaceMode'],
  Policy: ['policy', 'Policy'],
  PolicyVersion: ['policy', 'PolicyVersion'],
  PolicySetMember: ['policy-set assignment', 'PolicySetMember', 'AssignmentTerms'],
  Assignment: ['assignment', 'Assignment', 'AssignmentTerms'],
  Subject: ['assignment', 'Subject'],
  Requester: ['assignment', 'Requester'],
  PodSpec: ['pod-spec', 'PodSpec'],
  PodSpecRevision: ['pod-spec', 'PodSpecRevision'],
  Decision: ['decision', 'NewDecision', 'Decision'],
  DecisionAdmission: ['admission', 'DecisionAdmission'],
  EvaluatedObject: ['decision', 'DecisionObject'],
  Evaluation: ['evaluation', 'EvaluationReport'],
  EvaluationSummary: ['evaluation', 'EvaluationSummary'],
  EvaluationResult: ['evaluation', 'EvaluationResult'],
  DecisionStats: ['decision-stats', 'DecisionStats', 'VerdictCounts'],
  IntervalStats: ['decision-stats', 'VerdictCounts', 'IntervalStats'],
  ControlStats: ['decision-stats', 'ControlStats'],
  NamespaceStats: ['decision-stats', 'NamespaceStats'],
  WouldDenyInterval: ['decision-stats', 'WouldDenyInterval'],
  WouldDenyStats: ['decision-stats', 'WouldDenyStats'],
  WorkloadStats: ['decision-stats', 'WorkloadStats'],
  PolicyStats: ['decision-stats', 'PolicyStats'],
  LogVerification: ['verify-log', 'LogVerification'],
  LogProblem: ['verify-log', 'LogProblem'],
  SigningKey: ['verifying-key', 'VerifyingKey', 'PublishedKey'],
  Change: ['change', 'NewChange', 'Change'],
  Token: ['token', 'Token'],
};

function fieldsOf(type: GraphQLNamedType) {
  return isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    ? Object.values(type.getFields())
    : [];
}

describe('every type of the schema is described', () => {
  test.each(types.map((type) => [type.name, type] as const))('%s', (_, type) => {
    const undescribed = [
      ...(type.description ? [] : [type.name]),
      ...fieldsOf(type)
        .filter((field) => !field.description)
        .map((field) => field.name),
      ...(isEnumType(type) ? type.getValues() : [])
        .filter((value) => !value.description)
        .map(({ name }) => name),
    ];
    expect(undescribed).toStrictEqual([]);
  });
});

describe('every field has a resolver, or is a member of the record behind it', () => {
  test.each(Object.entries(RECORDS))('%s', (name, [files, ...interfaces]) => {
    const members = membersOf(files.split(' '), interfaces);
    const unresolved = fieldsOf(schema.getType(name) as GraphQLNamedType)
      .filter((field) => !('resolve' in field) || isDefault(field.resolve))
      .map((field) => field.name)
      .filter((field) => !members.has(field));
    expect(unresolved).toStrictEqual([]);
  });

  test('queries and mutations all have one', () => {
    const unresolved = ['Query', 'Mutation']
      .flatMap((name) => fieldsOf(schema.getType(name) as GraphQLNamedType))
      .filter((field) => !('resolve' in field) || isDefault(field.resolve))
      .map((field) => field.name);
    expect(unresolved).toStrictEqual([]);
  });

  test('the types without a record are those that resolvers build whole', () => {
    const others = types
      .filter((type) => isObjectType(type) && !(type.name in RECORDS))
      .map((type) => type.name)
      .filter((name) => !/(Connection|Edge|Payload)$/.test(name));
    expect(others.sort()).toStrictEqual([
      'Candidate',
      'FixChoice',
      'Mutation',
      'PageInfo',
      'PolicyChange',
      'PolicyDiff',
      'PolicyFix',
      'PolicySet',
      'PolicyWarning',
      'Query',
      'Subscription',
      'UserError',
      'Violation',
    ]);
  });
});

describe('conventions', () => {
  const objects = types.filter(isObjectType);

  test('every mutation takes one input and gives a payload with userErrors', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(0);
    for (const mutation of mutations) {
      const { args } = mutation;
      const names = args.map((argument) => argument.name);
      expect(names, mutation.name).toStrictEqual(['input']);
      const name = `${mutation.name.charAt(0).toUpperCase()}${mutation.name.slice(1)}`;
      expect(String(args[0]?.type)).toBe(`${name}Input!`);
      expect(String(mutation.type)).toBe(`${name}Payload!`);
      const payload = schema.getType(`${name}Payload`) as GraphQLNamedType;
      const results = fieldsOf(payload).map((field) => [field.name, String(field.type)]);
      expect(results).toContainEqual(['userErrors', '[UserError!]!']);
    }
  });

  test('every connection is paged from both ends, and its cost is that of a page', () => {
    const paging = { first: 'Int', after: 'String', last: 'Int', before: 'String' };
    for (const type of objects) {
      for (const field of Object.values(type.getFields())) {
        if (!/Connection!?$/.test(String(field.type))) continue;
        const where = `${type.name}.${field.name}`;
        const args = Object.fromEntries(field.args.map((argument) => [argument.name, String(argument.type)]));
        expect(args, where).toMatchObject(paging);
        const [directive] = field.astNode?.directives ?? [];
        expect(directive && print(directive), where).toBe('@listSize(slicingArguments: ["first", "last"])');
      }
    }
  });

  test('every connection and edge has the fields that Relay wants', () => {
    const fields = (name: string) =>
      fieldsOf(schema.getType(name) as GraphQLNamedType).map((field) => field.name);
    for (const { name } of objects.filter((type) => type.name.endsWith('Connection'))) {
      expect(fields(name), name).toStrictEqual(['edges', 'nodes', 'pageInfo']);
      expect(fields(name.replace(/Connection$/, 'Edge')), name).toStrictEqual(['cursor', 'node']);
    }
  });
});

function isDefault(resolve: unknown): boolean {
  return resolve === undefined || resolve === defaultFieldResolver;
}

/** The names of the members that these interfaces in files of the model declare. */
function membersOf(files: readonly string[], interfaces: readonly string[]): ReadonlySet<string> {
  const text = files
    .map((file) => readFileSync(new URL(`../../src/model/${file}.ts`, import.meta.url), 'utf8'))
    .join('\n');
  const members = interfaces.flatMap((name) => {
    const body = new RegExp(`interface ${name}\\b[^{]*\\{(.*?)^\\}`, 'ms').exec(text)?.[1];
    if (body === undefined) throw new Error(`there is no interface ${name} in ${files.join(', ')}`);
    return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1] ?? '');
  });
  return new Set(members);
}
