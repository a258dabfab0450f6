import { z } from 'zod';

/** A JSON Schema, as far as this code looks into it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What the OpenAPI document says of a schema whose JSON Schema can't be derived: a query parameter is text to the code
 * that reads it, but a number, an instant or a truth value to people.
 */
export const documentedAs: z.core.$ZodRegistry<JsonSchema> = z.registry();

/** What the document says of a schema that it shows by name. */
export interface Named {
  readonly id: string;
  readonly examples?: readonly unknown[];
}

/** Schemas of answers that the OpenAPI document shows by name. */
export const answers: z.core.$ZodRegistry<Named> = z.registry();

/** Schemas of request bodies that the OpenAPI document shows by name. */
export const requests: z.core.$ZodRegistry<Named> = z.registry();
