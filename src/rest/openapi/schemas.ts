import { z } from 'zod';
import { answers, documentedAs, type JsonSchema, requests } from '../documentation.js';

const REFERENCE = '#/components/schemas/';

/** The schemas that the document shows by name: those of requests as they are sent, those of answers as they come. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return { ...named(requests, 'input'), ...named(answers, 'output') };
}

/** The JSON Schema of a request's part, or of an answer; what has a name is referred to by it. */
export function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): JsonSchema {
  const metadata = io === 'input' ? requests : answers;
  const name = metadata.get(schema)?.id;
  if (name !== undefined) return { $ref: REFERENCE + name };
  return withoutMeta(inlineReferences(z.toJSONSchema(schema, { ...options(io), metadata })));
}

function named(registry: typeof answers, io: 'input' | 'output'): Readonly<Record<string, JsonSchema>> {
  const { schemas } = z.toJSONSchema(registry, {
    ...options(io),
    metadata: registry,
    uri: (id) => REFERENCE + id,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutMeta(schema)]));
}

/** Turns what zod derives into what people want to read. */
function options(io: 'input' | 'output') {
  return {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema: derived }) {
      const documented = documentedAs.get(zodSchema);
      if (documented !== undefined) {
        for (const key of Object.keys(derived)) delete derived[key];
        Object.assign(derived, documented);
      }
      // Where names come from a registry of their own, zod looks for descriptions only there.
      const description = z.globalRegistry.get(zodSchema)?.description;
      if (description !== undefined) derived.description ??= description;
      // That an integer can be held exactly says nothing about it.
      if (derived.minimum === Number.MIN_SAFE_INTEGER) delete derived.minimum;
      if (derived.maximum === Number.MAX_SAFE_INTEGER) delete derived.maximum;
      // Answers may get new members: clients are to overlook what they don't know.
      if (io === 'output' && derived.additionalProperties === false) delete derived.additionalProperties;
    },
  } as const satisfies z.core.ToJSONSchemaParams;
}

/** `$defs/Name` of a schema on its own is the component of that name in the document. */
function inlineReferences(schema: JsonSchema): JsonSchema {
  const inlined: JsonSchema = JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${REFERENCE}`));
  return inlined;
}

const META: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', 'id']);

function withoutMeta(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !META.has(keyword)));
}
