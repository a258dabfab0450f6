import type { z } from 'zod';
import type { BodyReader } from '../body.js';
import type { JsonSchema } from '../documentation.js';
import type { Route } from '../route.js';
import { jsonSchema } from './schemas.js';

/** The Parameter Objects of a route: path, query, headers. */
export function parameterObjects(route: Route): readonly unknown[] {
  const headers = Object.entries(route.headers ?? {}).map(([name, { description, example }]) => {
    return { name, in: 'header', required: false, description, schema: { type: 'string' }, example };
  });
  return [...parametersIn('path', route.params), ...parametersIn('query', route.query), ...headers];
}

function parametersIn(place: 'path' | 'query', parameters: z.ZodObject): readonly unknown[] {
  return Object.entries(parameters.shape).map(([name, parameter]) => {
    const { description, example, ...schema } = described(jsonSchema(parameter, 'input'));
    return {
      name,
      in: place,
      required: place === 'path',
      ...(description === undefined ? {} : { description }),
      schema,
      ...(example === undefined ? {} : { example }),
    };
  });
}

/** A list's description is that of its items. */
function described(schema: JsonSchema): JsonSchema {
  const { items } = schema;
  if (typeof items !== 'object' || items === null || !('description' in items)) return schema;
  const { description, ...rest } = items;
  return { ...schema, items: rest, description };
}

/** The Request Body Object of a route that takes a body. */
export function bodyObject(body: BodyReader<unknown>): unknown {
  const content = body.content.flatMap(({ mediaTypes, schema, example }) =>
    mediaTypes.map((mediaType) => [
      mediaType,
      { schema: schema === null ? anything(mediaType) : jsonSchema(schema, 'input'), example },
    ]),
  );
  const description = body.content.find((each) => each.description !== undefined)?.description;
  return {
    ...(description === undefined ? {} : { description }),
    required: body.required,
    content: Object.fromEntries(content),
  };
}

/** Text in YAML, any value in JSON. */
function anything(mediaType: string): JsonSchema {
  return mediaType === 'application/json' ? { type: ['object', 'array'] } : { type: 'string' };
}
