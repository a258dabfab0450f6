import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Response } from 'supertest';
import { expect } from 'vitest';
import type { OpenApiDocument } from '../../src/rest/openapi/document.js';

/** An operation of the document, as far as the tests look at it. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'put' | 'post' | 'delete';
  readonly path: string;
  readonly isSecured: boolean;
  readonly answersBody: boolean;
  readonly parameters: readonly { readonly name: string; readonly description?: string }[];
  /** The bodies it takes, each with its example. */
  readonly contents: readonly { readonly mediaType: string; readonly example: unknown }[];
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface OperationObject {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example: unknown }>> };
  readonly responses: Operation['responses'];
}

export function operationsOf(document: OpenApiDocument): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<Operation['method'], OperationObject>).map(([method, operation]) => ({
      id: operation.operationId,
      method: method as Operation['method'],
      path,
      isSecured: operation.security?.length !== 0,
      answersBody: Object.entries(operation.responses).some(
        ([status, { content }]) => status.startsWith('2') && content !== undefined,
      ),
      parameters: operation.parameters ?? [],
      contents: Object.entries(operation.requestBody?.content ?? {}).map(([mediaType, { example }]) => ({
        mediaType,
        example,
      })),
      responses: operation.responses,
    })),
  );
}

/**
 * Makes a check of responses against the document: status, media type, headers and body must be described. Objects
 * are closed for the check: a member that the document doesn't describe is a fault.
 */
export function responseChecker(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(closed({ $id: 'openapi', components: document.components }));
  return (operation: Operation, response: Response) => {
    const described = operation.responses[response.status];
    expect(described, `${operation.id} does not describe ${response.status}`).toBeDefined();
    for (const name of Object.keys(described?.headers ?? {})) {
      // Only the occasion on which Retry-After makes sense brings it.
      if (name !== 'Retry-After') expect(response.headers, operation.id).toHaveProperty(name.toLowerCase());
    }
    if (response.status === 204) return;
    const schema = described?.content?.[response.type]?.schema;
    expect(schema, `${operation.id} does not describe ${response.type} for ${response.status}`).toBeDefined();
    const value: unknown = /\bjson$/.test(response.type) ? response.body : (response.text ?? '');
    const validate = ajv.compile(referringToDocument(closed(schema)));
    expect(validate(value) ? [] : validate.errors, operation.id).toEqual([]);
  };
}

/** Holds the examples of the document's schemas to these; gives how many there are. */
export function checkExamples(document: OpenApiDocument): number {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(closed({ $id: 'openapi', components: document.components }));
  const schemas = document.components['schemas'] as Record<
    string,
    { readonly examples?: readonly unknown[] }
  >;
  const examples = Object.entries(schemas).flatMap(([name, schema]) =>
    (schema.examples ?? []).map((example) => [name, example] as const),
  );
  for (const [name, example] of examples) {
    const validate = ajv.compile({ $ref: `openapi#/components/schemas/${name}` });
    expect(validate(example) ? [] : validate.errors, name).toEqual([]);
  }
  return examples.length;
}

/** The same schema, its objects with described members closed to others. */
function closed(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const isOpen = typeof value === 'object' && value !== null && 'properties' in value && 'type' in value;
    return isOpen && !('additionalProperties' in value) ? { ...value, additionalProperties: false } : value;
  });
}

function referringToDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components'));
}
