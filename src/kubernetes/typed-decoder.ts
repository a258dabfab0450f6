import type { InputProblem } from './input-problem.js';
import { pointerToken } from './json-pointer.js';
import { describeValue, isList, isObject, type JsonObject, type JsonValue, setMember } from './json-value.js';
import { LEAF_TYPES, type LeafType } from './leaf-types.js';

/** The fields of types in the notation of the generated tables: `name!:[]Container`. */
export type FieldTable = Readonly<Record<string, string>>;

/** What decoding found. */
export interface Decoded {
  /** Values of a wrong type, and required fields that are missing; in the order of the text. */
  readonly errors: readonly InputProblem[];
  /** `unknown field "spec.foo"`, as the API server warns of them. */
  readonly warnings: readonly string[];
}

/** Where the decoded value stands, and what to look for. */
export interface DecodeOptions {
  /** Whether missing required fields are errors. */
  readonly required: boolean;
  /** JSON Pointer of the value in the submitted object, put before each pointer. */
  readonly pointer: string;
  /** Field path of the value, put before each field. */
  readonly path: string;
}

type Shape =
  | { readonly kind: 'leaf'; readonly leaf: LeafType }
  | { readonly kind: 'struct'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape };

interface Struct {
  readonly fields: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
}

/** Texts beyond these counts help nobody. */
const MOST_ERRORS = 200;
const MOST_WARNINGS = 100;

/** A decoder for the types of a table; it parses the table's notation once. */
export class TypedDecoder {
  readonly #structs: ReadonlyMap<string, Struct>;

  constructor(table: FieldTable) {
    this.#structs = new Map(Object.entries(table).map(([name, fields]) => [name, parseStruct(fields)]));
  }

  /**
   * Checks a value against a type as the API server's JSON decoder does: case-sensitive names, no conversion between
   * strings, numbers and booleans, ranges of integers; null counts as absent. Unknown fields are warnings.
   */
  decode(type: string, value: JsonValue, options: DecodeOptions): Decoded {
    const decoding = new Decoding(this.#structs, options);
    decoding.check({ kind: 'struct', name: type }, value);
    return decoding;
  }

  /**
   * The value as the API server keeps it, of one that decodes without errors: unknown fields and null members are
   * left out, a null in a list is its type's zero.
   */
  prune(type: string, value: JsonObject): JsonObject {
    return pruneStruct(this.#structs, type, value);
  }
}

function pruneStruct(structs: ReadonlyMap<string, Struct>, type: string, object: JsonObject): JsonObject {
  const fields = structs.get(type)?.fields;
  const pruned: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    const shape = fields?.get(key);
    if (shape !== undefined && value !== null) pruned[key] = pruneValue(structs, shape, value);
  }
  return pruned;
}

function pruneValue(structs: ReadonlyMap<string, Struct>, shape: Shape, value: JsonValue): JsonValue {
  if (shape.kind === 'leaf') return value === null ? shape.leaf.zero : value;
  if (shape.kind === 'list')
    return isList(value) ? value.map((each) => pruneValue(structs, shape.of, each)) : [];
  const object = isObject(value) ? value : {};
  return shape.kind === 'struct'
    ? pruneStruct(structs, shape.name, object)
    : pruneMap(structs, shape.of, object);
}

function pruneMap(structs: ReadonlyMap<string, Struct>, of: Shape, map: JsonObject): JsonObject {
  const pruned: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(map)) setMember(pruned, key, pruneValue(structs, of, each));
  return pruned;
}

function parseStruct(notation: string): Struct {
  const fields = new Map<string, Shape>();
  const required: string[] = [];
  for (const field of notation.split(' ')) {
    const [declared = '', type = ''] = field.split(':');
    const name = declared.endsWith('!') ? declared.slice(0, -1) : declared;
    if (name !== declared) required.push(name);
    fields.set(name, parseShape(type));
  }
  return { fields, required };
}

function parseShape(type: string): Shape {
  if (type.startsWith('[]')) return { kind: 'list', of: parseShape(type.slice(2)) };
  if (type.startsWith('{}')) return { kind: 'map', of: parseShape(type.slice(2)) };
  const leaf = LEAF_TYPES.get(type);
  return leaf === undefined ? { kind: 'struct', name: type } : { kind: 'leaf', leaf };
}

/** One step from a value to a part of it; a map's key is written in brackets, a struct's member after a dot. */
type Step = string | number | { readonly mapKey: string };

class Decoding implements Decoded {
  readonly errors: InputProblem[] = [];
  readonly warnings: string[] = [];
  readonly #structs: ReadonlyMap<string, Struct>;
  readonly #options: DecodeOptions;
  /** The way to the value at hand; pointers and paths are made of it only where something is wrong. */
  readonly #steps: Step[] = [];

  constructor(structs: ReadonlyMap<string, Struct>, options: DecodeOptions) {
    this.#structs = structs;
    this.#options = options;
  }

  check(shape: Shape, value: JsonValue): void {
    if (value === null) return;
    if (shape.kind === 'leaf') {
      if (!shape.leaf.accepts(value)) this.#wrongType(shape.leaf.expected, value);
    } else if (shape.kind === 'list') {
      if (isList(value)) this.#checkList(shape.of, value);
      else this.#wrongType('a list', value);
    } else if (!isObject(value)) {
      this.#wrongType('an object', value);
    } else if (shape.kind === 'struct') {
      this.#checkStruct(shape.name, value);
    } else {
      this.#checkMap(shape.of, value);
    }
  }

  #checkList(of: Shape, list: readonly JsonValue[]): void {
    for (let index = 0; index < list.length; index += 1) {
      this.#checkAt(index, of, list[index] ?? null);
    }
  }

  #checkMap(of: Shape, map: JsonObject): void {
    for (const key of Object.keys(map)) this.#checkAt({ mapKey: key }, of, map[key] ?? null);
  }

  #checkStruct(name: string, object: JsonObject): void {
    const struct = this.#structs.get(name);
    if (struct === undefined) throw new Error(`the table has no type ${name}`);
    for (const key of Object.keys(object)) {
      const shape = struct.fields.get(key);
      if (shape === undefined) this.#unknown(key);
      else this.#checkAt(key, shape, object[key] ?? null);
    }
    if (!this.#options.required) return;
    for (const key of struct.required) {
      const value = (Object.hasOwn(object, key) ? object[key] : null) ?? null;
      if (value === null || (key === 'containers' && isList(value) && value.length === 0)) this.#missing(key);
    }
  }

  #checkAt(step: Step, shape: Shape, value: JsonValue): void {
    this.#steps.push(step);
    this.check(shape, value);
    this.#steps.pop();
  }

  #pointer(): string {
    const tokens = this.#steps.map((step) => pointerToken(typeof step === 'object' ? step.mapKey : step));
    return this.#options.pointer + tokens.join('');
  }

  #path(): string {
    let path = this.#options.path;
    for (const step of this.#steps) {
      if (typeof step === 'string') path += path === '' ? step : `.${step}`;
      else path += `[${typeof step === 'object' ? step.mapKey : step}]`;
    }
    return path;
  }

  #wrongType(expected: string, value: JsonValue): void {
    if (this.errors.length >= MOST_ERRORS) return;
    const message = `must be ${expected}, but is ${describeValue(value)}`;
    this.errors.push({ message, pointer: this.#pointer(), type: 'Invalid', field: this.#path(), value });
  }

  #missing(key: string): void {
    if (this.errors.length >= MOST_ERRORS) return;
    this.#steps.push(key);
    this.errors.push({
      message: 'Required value',
      pointer: this.#pointer(),
      type: 'Required',
      field: this.#path(),
    });
    this.#steps.pop();
  }

  #unknown(key: string): void {
    if (this.warnings.length >= MOST_WARNINGS) return;
    this.#steps.push(key);
    this.warnings.push(`unknown field ${JSON.stringify(this.#path())}`);
    this.#steps.pop();
  }
}
