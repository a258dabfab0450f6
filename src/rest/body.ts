import type { Request } from 'express';
import type { z } from 'zod';
import { MOST_VALUES_AT_ONCE, readBody } from '../http/body.js';
import { requestMediaType } from '../http/media-type.js';
import { DEFAULT_MANIFEST_LIMITS, type ManifestFormat, parseManifests } from '../kubernetes/manifests.js';
import { decodeText } from '../kubernetes/source-text.js';
import { invalid, PodgateError } from '../model/errors.js';
import { plainMessage } from './plain-message.js';
import type { SubmittedObject } from './placed-error.js';
import { bodyProblems } from './problems-of.js';

/** What a route takes as body: how to read it, and what the OpenAPI document says of it. */
export interface BodyReader<B> {
  /** Media types with the schema and an example of each; empty where there is no body. */
  readonly content: readonly BodyContent[];
  readonly required: boolean;
  /** Reads the body, of which at most `limit` bytes. Throws MALFORMED, INVALID, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE. */
  readonly read: (request: Request, limit: number) => Promise<ReadBody<B>>;
}

/** A body that was read. */
export interface ReadBody<B> {
  readonly value: B;
  /** What it was read from, where problems that are found later have their places; null: they have them already. */
  readonly submitted: SubmittedObject | null;
}

interface BodyContent {
  readonly mediaTypes: readonly string[];
  /** null: any text of that type. */
  readonly schema: z.ZodType | null;
  readonly description?: string;
  readonly example: unknown;
}

const NO_BODY = { value: null, submitted: null };

/** No body; one that comes all the same is not looked at. */
export const noBody: BodyReader<null> = { content: [], required: false, read: async () => NO_BODY };

/** Far above the longest lists that such a body may have, and read within some milliseconds. */
export const SMALL_JSON = 1024 * 1024;
const SMALL = `At most ${SMALL_JSON / 1024 / 1024} MiB.`;

/**
 * A JSON object of the given shape, read exactly and refused with every problem and its place. Where `optional` is set,
 * no body at all stands for an empty object; of a body larger than `largest` bytes nothing is read.
 */
export function jsonBody<S extends z.ZodType>(
  schema: S,
  example: unknown,
  { optional = false, largest = SMALL_JSON }: { readonly optional?: boolean; readonly largest?: number } = {},
): BodyReader<z.output<S>> {
  const mediaTypes = ['application/json'];
  return {
    content: [{ mediaTypes, schema, example, ...(largest === SMALL_JSON ? { description: SMALL } : {}) }],
    required: !optional,
    async read(request, limit) {
      const body = await readBody(request, Math.min(limit, largest));
      const isAbsent = optional && body.length === 0;
      if (!isAbsent) requestMediaType(request, mediaTypes);
      const submitted = isAbsent ? NOTHING : parseObject(body);
      const parsed = schema.safeParse(submitted.value, { error: plainMessage });
      if (parsed.success) return { value: parsed.data, submitted };
      throw invalid('The body is not valid', bodyProblems(parsed.error, submitted.value, submitted.locate));
    },
  };
}

const NOTHING: SubmittedObject = { value: {}, locate: () => ({ line: 1, column: 1 }) };

const LIMITS = { ...DEFAULT_MANIFEST_LIMITS, values: MOST_VALUES_AT_ONCE };

function parseObject(body: Buffer): SubmittedObject {
  const parsed = parseManifests(body, 'json', LIMITS);
  if (!parsed.ok) {
    const { code, problems } = parsed;
    const message = code === 'TOO_LARGE' ? 'The body has too many values' : 'The body is not valid JSON';
    throw new PodgateError(code, message, { problems });
  }
  const [document] = parsed.documents;
  const isObject =
    parsed.documents.length === 1 && document?.item === null && !/^\s*\[/.test(body.toString());
  if (document === undefined || !isObject) {
    const message = 'The body must be one JSON object';
    throw invalid(message, [{ message, pointer: '', line: 1, column: 1 }]);
  }
  return { value: document.value, locate: (pointer) => parsed.locate(document, pointer) };
}

/** A body of Kubernetes objects: its bytes as they came, and the notation that its media type names. */
export interface ManifestBody {
  readonly bytes: Buffer;
  readonly format: ManifestFormat;
}

const YAML_TYPES: readonly string[] = ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'];
const JSON_TYPE = 'application/json';

/** Kubernetes objects in YAML or JSON. */
export function manifestBody(
  description: string,
  example: { readonly yaml: string; readonly json: unknown },
): BodyReader<ManifestBody> {
  return {
    content: [
      { mediaTypes: YAML_TYPES, schema: null, description, example: example.yaml },
      { mediaTypes: [JSON_TYPE], schema: null, description, example: example.json },
    ],
    required: true,
    async read(request, limit) {
      const type = requestMediaType(request, [...YAML_TYPES, JSON_TYPE]);
      const value: ManifestBody = {
        bytes: await readBody(request, limit),
        format: type === JSON_TYPE ? 'json' : 'yaml',
      };
      return { value, submitted: null };
    },
  };
}

/** The body as text: UTF-8, or UTF-16 with a byte order mark. Throws MALFORMED where it is none. */
export function textOf({ bytes }: ManifestBody): string {
  const decoded = decodeText(bytes);
  if (decoded.ok) return decoded.source.text;
  throw new PodgateError(decoded.code, 'The body is not text in UTF-8', { problems: decoded.problems });
}
