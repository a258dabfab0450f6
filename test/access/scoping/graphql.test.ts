import {
  type GraphQLField,
  getNamedType,
  type GraphQLNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  parse,
  subscribe,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { GraphqlContext } from '../../../src/graphql/context.js';
import { createSchema } from '../../../src/graphql/schema.js';
import { ADMIN_TOKEN, pod, policy } from '../../rest/app.js';
import { recordedLogger } from '../../support/run-record.js';
import { CANARY, world } from './world.js';

const { as, services, tokens, alfa, bravo, leaks } = await world();
const schema = createSchema();
const manifest = JSON.stringify(policy(CANARY));

/** How each root field is asked for what belongs to `bravo`; a text is the arguments, as they are written. */
const PROBES: Readonly<Record<string, string>> = {
  'Query.viewer': '',
  'Query.node': `(id: "${bravo.cluster}")`,
  'Query.cluster': `(name: "${CANARY}")`,
  'Query.clusters': '(first: 5)',
  'Query.policy': `(name: "${CANARY}")`,
  'Query.policies': '(first: 5, includeArchived: true)',
  'Query.decision': `(id: "${bravo.decision}")`,
  'Query.changes': '(first: 50)',
  'Query.policyDiff': `(from: { policy: "${CANARY}", version: 1 }, to: { policy: "shared" })`,
  'Query.tokens': '(first: 5)',
  'Query.evaluate': `(input: { cluster: "${CANARY}", manifests: ${JSON.stringify(JSON.stringify(pod('x')))} })`,
  'Query.signingKeys': '',
  'Mutation.saveCluster': `(input: { name: "${CANARY}", displayName: "changed" })`,
  'Mutation.savePolicy': `(input: { manifest: ${JSON.stringify(manifest)} })`,
  'Mutation.restorePolicyVersion': `(input: { policy: "${CANARY}", version: 1 })`,
  'Mutation.archivePolicy': `(input: { policy: "${CANARY}" })`,
  'Mutation.assignPolicy': `(input: { cluster: "${CANARY}", policy: "shared" })`,
  'Mutation.unassignPolicy': `(input: { cluster: "${CANARY}", policy: "${CANARY}" })`,
  'Mutation.savePodSpec': `(input: { cluster: "${CANARY}", manifest: ${JSON.stringify(JSON.stringify(pod('x')))} })`,
  'Mutation.evaluatePods': `(input: { cluster: "${CANARY}", podSpecs: ["${bravo.podSpec}"] })`,
  'Mutation.createToken': '(input: { name: "stolen", role: ADMIN })',
  'Mutation.revokeToken': `(input: { id: "${bravo.cluster}" })`,
};

/** How the same root fields are asked for what a token of `alfa` may see; where it differs from the above. */
const ALLOWED: Readonly<Record<string, string>> = {
  'Query.node': `(id: "${alfa.cluster}")`,
  'Query.cluster': '(name: "alfa")',
  'Query.policy': '(name: "shared")',
  'Query.decision': `(id: "${alfa.decision}")`,
  'Query.policyDiff': '(from: { policy: "alfa" }, to: { policy: "shared" })',
  'Query.evaluate': `(input: { cluster: "alfa", manifests: ${JSON.stringify(JSON.stringify(pod('x')))} })`,
  'Mutation.saveCluster': '(input: { name: "alfa", displayName: "changed" })',
  'Mutation.assignPolicy': '(input: { cluster: "alfa", policy: "shared" })',
  'Mutation.unassignPolicy': '(input: { cluster: "alfa", policy: "missing" })',
  'Mutation.savePodSpec': `(input: { cluster: "alfa", manifest: ${JSON.stringify(JSON.stringify(pod('x')))} })`,
  'Mutation.evaluatePods': `(input: { cluster: "alfa", podSpecs: ["${alfa.podSpec}"] })`,
};

/** Arguments of fields below the root that must be given. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  first: 'first: 5',
  number: 'number: 1',
  namespace: 'namespace: "default"',
};

/** A field with the arguments that it needs. */
function call(parent: string, { name, args }: GraphQLField<unknown, unknown>): string {
  const root = ALLOWED[`${parent}.${name}`] ?? PROBES[`${parent}.${name}`];
  if (root !== undefined) return name + root;
  const given = args.flatMap((each) =>
    isRequiredArgument(each) || each.name === 'first' ? [ARGUMENTS[each.name] ?? `${each.name}: null`] : [],
  );
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
}

/** Every field of every object type, as an operation that asks for it and for what is right below it. */
function operationsOfAllFields(): { readonly field: string; readonly operation: string }[] {
  const operations: { field: string; operation: string }[] = [];
  const known = new Set(['Query', 'Mutation']);
  const queue = [
    { type: 'Query', wrap: (inner: string) => `{ ${inner} }` },
    { type: 'Mutation', wrap: (inner: string) => `mutation { ${inner} }` },
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { type, wrap } = next;
    const definition = schema.getType(type);
    if (!isObjectType(definition)) continue;
    for (const field of Object.values(definition.getFields())) {
      const text = call(type, field);
      const below = getNamedType(field.type);
      const below1 = isCompositeType(below) ? ` { __typename ${leaves(below)} }` : '';
      operations.push({ field: `${type}.${field.name}`, operation: wrap(`${text}${below1}`) });
      if (!isObjectType(below) || known.has(below.name)) continue;
      known.add(below.name);
      queue.push({ type: below.name, wrap: (inner) => wrap(`${text} { ${inner} }`) });
    }
  }
  return operations;
}

function leaves(type: GraphQLNamedType): string {
  if (isInterfaceType(type)) return 'id';
  if (!isObjectType(type)) return '';
  const plain = Object.values(type.getFields()).filter((field) => !isCompositeType(getNamedType(field.type)));
  return plain.map((field) => call(type.name, field)).join(' ');
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function ask(
  token: string,
  query: string,
): Promise<{ readonly answer: Answer; readonly text: string }> {
  const { body, text } = await as(token).post('/graphql').send({ query });
  return { answer: body, text };
}

const operations = operationsOfAllFields();
const roots = (['Query', 'Mutation'] as const).flatMap((type) =>
  Object.values((type === 'Query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {}).map(
    (field) => ({ type, field, id: `${type}.${field.name}` }),
  ),
);
/** What may go wrong with an operation of this test: refusals. Anything else would be a mistake in the test or worse. */
const REFUSALS = new Set(['FORBIDDEN', 'NOT_FOUND']);

describe('every root field', () => {
  it('has a probe, and no probe is left over', () => {
    expect(roots.map(({ id }) => id).sort()).toEqual(Object.keys(PROBES).sort());
  });

  it.each(roots)(
    '$id gives nothing of another cluster away and changes nothing there',
    async ({ type, field, id }) => {
      const named = getNamedType(field.type);
      const below = isCompositeType(named) ? `{ __typename ${leaves(named)} }` : '';
      const errors =
        isObjectType(named) && 'userErrors' in named.getFields() ? '{ userErrors { code } }' : below;
      for (const [role, token] of Object.entries(tokens)) {
        const operation = `${type.toLowerCase()} { ${field.name}${PROBES[id]} ${errors} }`;
        const { answer, text } = await ask(token, operation);
        for (const error of answer.errors ?? []) expect(REFUSALS, text).toContain(error.extensions.code);
        expect(leaks(text), `${role}: ${text}`).toEqual([]);
        const result = answer.data?.[field.name] ?? null;
        if (type === 'Mutation' && result !== null) {
          expect(result, text).toMatchObject({
            userErrors: [{ code: expect.stringMatching(/NOT_FOUND|INVALID/) }],
          });
        }
      }
    },
  );
});

describe('every field of every type', () => {
  it('is asked for', () => {
    const all = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !/^(__|Subscription$)/.test(type.name))
      .flatMap((type) =>
        isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
      );
    expect(operations.map(({ field }) => field).sort()).toEqual(all.sort());
    expect(all.length).toBeGreaterThan(150);
  });

  it.each(operations)('$field shows nothing of another cluster', async ({ operation }) => {
    for (const [role, token] of Object.entries(tokens)) {
      const { answer, text } = await ask(token, operation);
      for (const error of answer.errors ?? []) {
        expect(REFUSALS, `${operation}: ${text}`).toContain(error.extensions.code);
      }
      expect(leaks(text), `${role}: ${operation}`).toEqual([]);
    }
  });

  it('would show something to those who may see it', async () => {
    let seen = '';
    for (const { operation } of operations.filter((each) => each.operation.startsWith('{'))) {
      seen += (await ask(ADMIN_TOKEN, operation)).text;
    }
    expect(leaks(seen)).toContain(CANARY);
  });
});

describe('every subscription', () => {
  const subscriptions: Readonly<Record<string, string>> = {
    decisionRecorded: `subscription { decisionRecorded(cluster: "${CANARY}", after: "0") { id } }`,
  };

  it('has a probe', () => {
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toEqual(Object.keys(subscriptions));
  });

  it.each(Object.values(subscriptions))('is as if there were nothing to watch: %s', async (text) => {
    const principal = { actor: 'token:x', tokenId: null, role: 'ADMIN', clusters: ['alfa'] } as const;
    const operation = { principal, source: 'GRAPHQL', requestId: 'test', services } as const;
    const contextValue = new GraphqlContext(operation, recordedLogger('debug'));
    const answer = await subscribe({ schema, document: parse(text), contextValue });
    expect(answer).toMatchObject({ errors: [{ originalError: { code: 'NOT_FOUND' } }] });
  });
});
