import { buildSchema, execute, type ExecutionResult, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { endedBy, limitItems } from '../../../src/graphql/limits/limit-items.js';

const PERSON = { name: 'a', friends: async () => [PERSON, PERSON], nicknames: ['b', 'c'] };

function schema(maximum: number) {
  return limitItems(
    buildSchema(`
      type Query { me: Person, people: [Person!], candidates: [Candidate!]! }
      type Person { name: String, nicknames: [String!]!, friends: [Person!]! }
      type Candidate { name: String }
    `),
    maximum,
  );
}

/** What is executed, with the same context each time. */
async function run(limited: ReturnType<typeof schema>, query: string): Promise<ExecutionResult> {
  const rootValue = {
    me: PERSON,
    people: [PERSON, PERSON],
    candidates: Array.from({ length: 10 }, () => ({})),
  };
  return execute({ schema: limited, document: parse(query), rootValue, contextValue: {} });
}

const friends = (depth: number) => `{ me { ${'friends { '.repeat(depth)}name${' }'.repeat(depth)} } }`;

describe('the objects in the lists of an answer', () => {
  test('are counted together, promised ones too, and may be as many as the maximum', async () => {
    expect((await run(schema(2 + 4), friends(2))).errors).toBeUndefined();
    const { errors } = await run(schema(2 + 4 - 1), friends(2));
    expect(endedBy(errors)).toMatchObject({
      message: "The number of objects in the answer's lists is 6, and at most 5 is allowed",
      extensions: { limit: { name: 'items', maximum: 5, found: 6 } },
    });
  });

  test('are counted in each run by themselves', async () => {
    const limited = schema(6);
    for (let count = 0; count < 3; count += 1) {
      expect((await run(limited, friends(2))).errors).toBeUndefined();
    }
  });

  test('are read no further once there are too many, and that is told once', async () => {
    let read = 0;
    const limited = schema(100);
    const field = limited.getQueryType()?.getFields()['people'];
    expect(field?.resolve).toBeDefined();
    const person = {
      name: 'a',
      friends: async () => {
        read += 1;
        return Array.from({ length: 10 }, () => person);
      },
    };
    const { errors } = await execute({
      schema: limited,
      document: parse(friends(6)),
      rootValue: { me: person },
    });
    expect(errors).toHaveLength(1);
    expect(read).toBeLessThan(120);
  });

  test.each([
    ['lists of texts', '{ me { nicknames } people { nicknames } }'],
    ['parts of what has limits of its own', '{ candidates { name } }'],
  ])('are not %s', async (_, query) => {
    expect((await run(schema(2), query)).errors).toBeUndefined();
  });
});
