import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import { InputFailure } from './input-problem.js';
import { isObject, type JsonObject, type JsonValue, setMember } from './json-value.js';
import { resolvePlain, resolveTagged, type ScalarValue } from './yaml-scalar.js';

/** Two equal keys in one mapping. */
export interface DuplicateKey {
  readonly key: string;
  readonly first: number;
  readonly second: number;
}

/** A composed value, the event that starts it and where it begins in the text. */
export interface ComposedDocument {
  readonly value: JsonValue;
  readonly event: number;
  readonly offset: number;
}

interface Anchor {
  readonly event: number;
  /** undefined while the anchored node is still being read: an alias to it then contains itself. */
  value: JsonValue | undefined;
  /** How many nodes it stands for, aliases inside it expanded. */
  size: number;
  /** How many levels of lists and mappings it has, aliases inside it expanded. */
  height: number;
}

/** As go-yaml: below these counts aliases are never too many. */
const FREE_ALIASED_NODES = 100;
const FREE_NODES = 1_000;
const SMALL_NODES = 400_000;
const LARGE_NODES = 4_000_000;
/** Long aliased texts count as several nodes, since a copy of them costs as much. */
const CHARACTERS_PER_NODE = 64;
const MOST_DUPLICATES = 100;

/**
 * Makes JSON values of YAML's events as sigs.k8s.io/yaml does: scalars by go-yaml v2's rules, keys as strings, merge
 * keys applied in the order of the text (so a `<<` overrides keys written before it, as it does for kubectl). Aliased
 * values are shared, not copied; how much they stand for is bounded over the whole stream by go-yaml's rule for one
 * document.
 */
export class YamlComposer {
  readonly duplicates: DuplicateKey[] = [];
  /** The event of the node that an alias, given by its event, stands for. */
  readonly aliasTargets = new Map<number, number>();
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;
  #anchors = new Map<string, Anchor>();
  #tagHandles: ReadonlyMap<string, string> = new Map();
  #nodes = 0;
  #aliasedNodes = 0;
  #lastOffset = 0;
  #depth = 0;
  #deepest = 0;
  readonly #maxDepth: number;

  /** @param maxDepth how deep lists and mappings may nest, aliases expanded */
  constructor(text: string, events: readonly Event[], maxDepth: number) {
    this.#text = text;
    this.#events = events;
    this.#maxDepth = maxDepth;
  }

  /** The next document of the stream, or undefined at its end. Throws {@link InputFailure}. */
  nextDocument(): ComposedDocument | undefined {
    const event = this.#events[this.#next];
    if (event === undefined) return undefined;
    if (event.type !== EVENT_ID.DOCUMENT) throw new Error(`expected a document, not event ${event.type}`);
    this.#anchors = new Map();
    this.#tagHandles = new Map(
      event.directives.flatMap((each) => (each.kind === 'tag' ? [[each.handle, each.prefix] as const] : [])),
    );
    this.#next += 1;
    const content = this.#next;
    const root = this.#events[content];
    const offset = (root === undefined ? undefined : offsetOf(root)) ?? this.#lastOffset;
    const value = this.#isAtEnd() ? null : this.#compose();
    this.#next += 1;
    return { value, event: content, offset };
  }

  #isAtEnd(): boolean {
    return this.#events[this.#next]?.type === EVENT_ID.POP;
  }

  #compose(): JsonValue {
    const index = this.#next;
    const event = this.#events[index];
    if (event === undefined) throw new Error('the stream of events ends within a node');
    this.#next += 1;
    this.#nodes += 1;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event, index);
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) throw new Error('expected a node');
    this.#lastOffset = offsetOf(event) ?? this.#lastOffset;
    if (event.anchorStart < 0) return this.#content(event, index);
    return this.#anchored(event, index, this.#text.slice(event.anchorStart, event.anchorEnd));
  }

  #anchored(event: Event, index: number, name: string): JsonValue {
    const nodesBefore = this.#nodes;
    const deepestBefore = this.#deepest;
    this.#deepest = this.#depth;
    const anchor: Anchor = { event: index, value: undefined, size: 0, height: 0 };
    this.#anchors.set(name, anchor);
    const value = this.#content(event, index);
    const length = typeof value === 'string' ? value.length : 0;
    anchor.value = value;
    anchor.size = this.#nodes - nodesBefore + 1 + Math.floor(length / CHARACTERS_PER_NODE);
    anchor.height = this.#deepest - this.#depth;
    this.#deepest = Math.max(this.#deepest, deepestBefore);
    return value;
  }

  #content(event: Event, index: number): JsonValue {
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event);
    this.#depth += 1;
    this.#reach(this.#depth);
    const value = event.type === EVENT_ID.MAPPING ? this.#mapping(index) : this.#sequence();
    this.#depth -= 1;
    return value;
  }

  #sequence(): JsonValue {
    const list: JsonValue[] = [];
    while (!this.#isAtEnd()) list.push(this.#compose());
    this.#next += 1;
    return list;
  }

  #reach(depth: number): void {
    if (depth > this.#maxDepth) throw this.#failure(`nested more than ${this.#maxDepth} levels deep`);
    this.#deepest = Math.max(this.#deepest, depth);
  }

  #alias(event: AliasEvent, index: number): JsonValue {
    this.#lastOffset = event.anchorStart;
    const name = this.#text.slice(event.anchorStart, event.anchorEnd);
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw this.#failure(`unknown anchor ${JSON.stringify(name)} referenced`);
    if (anchor.value === undefined)
      throw this.#failure(`anchor ${JSON.stringify(name)} value contains itself`);
    this.#nodes += anchor.size;
    this.#aliasedNodes += anchor.size;
    const free = this.#aliasedNodes <= FREE_ALIASED_NODES || this.#nodes <= FREE_NODES;
    if (!free && this.#aliasedNodes / this.#nodes > allowedAliasRatio(this.#nodes)) {
      throw this.#failure('document contains excessive aliasing');
    }
    this.#reach(this.#depth + anchor.height);
    this.aliasTargets.set(index, anchor.event);
    return anchor.value;
  }

  #scalar(event: ScalarEvent): JsonValue {
    const text = getScalarValue(this.#text, event);
    const value =
      event.tagStart >= 0
        ? resolveTagged(this.#tag(event), text)
        : event.style === SCALAR_STYLE.PLAIN
          ? resolvePlain(text)
          : text;
    if (typeof value === 'object' && value !== null) throw this.#failure(value.refused);
    return value;
  }

  /** The tag of a node without `tag:yaml.org,2002:`; tags of other origin keep their spelling. */
  #tag(event: ScalarEvent): string {
    const written = this.#text.slice(event.tagStart, event.tagEnd);
    const handle = /^!(?:[-\w]*!)?/.exec(written)?.[0] ?? '';
    const prefix = this.#tagHandles.get(handle) ?? (handle === '!!' ? 'tag:yaml.org,2002:' : handle);
    const full = written.startsWith('!<') ? written.slice(2, -1) : prefix + written.slice(handle.length);
    return full.startsWith('tag:yaml.org,2002:') ? full.slice('tag:yaml.org,2002:'.length) : full;
  }

  #mapping(mappingEvent: number): JsonObject {
    const object: Record<string, JsonValue> = {};
    const merged = new Set<string>();
    while (!this.#isAtEnd()) {
      const keyEvent = this.#next;
      if (this.isMergeKey(keyEvent)) {
        this.#next += 1;
        this.#merge(object, merged);
        continue;
      }
      const key = this.#key();
      const keyOffset = this.#lastOffset;
      const value = this.#compose();
      if (Object.hasOwn(object, key) && !merged.delete(key)) {
        this.#duplicate(mappingEvent, key, keyOffset);
      }
      setMember(object, key, value);
    }
    this.#next += 1;
    return object;
  }

  /** A key as sigs.k8s.io/yaml writes it: booleans and numbers become strings, null and collections are refused. */
  #key(): string {
    const key = this.#compose();
    const text = keyText(key);
    if (text !== undefined) return text;
    throw this.#failure(key === null ? 'a key must not be null' : 'a key must not be a list or a mapping');
  }

  /** Whether the event is an untagged, unquoted `<<` (or one tagged `!!merge`). */
  isMergeKey(index: number): boolean {
    const event = this.#events[index];
    if (event?.type !== EVENT_ID.SCALAR || event.valueEnd - event.valueStart !== 2) return false;
    if (!this.#text.startsWith('<<', event.valueStart)) return false;
    return event.tagStart >= 0 ? this.#tag(event) === 'merge' : event.style === SCALAR_STYLE.PLAIN;
  }

  #merge(object: Record<string, JsonValue>, merged: Set<string>): void {
    const isSequence = this.#events[this.#next]?.type === EVENT_ID.SEQUENCE;
    const value = this.#compose();
    // Of several mappings the earlier ones take precedence, so they are applied last.
    const sources: readonly JsonValue[] = isSequence && Array.isArray(value) ? value.toReversed() : [value];
    for (const source of sources) {
      if (!isObject(source)) throw this.#failure('a merge key needs a mapping or a list of mappings');
      for (const [key, each] of Object.entries(source)) {
        if (!Object.hasOwn(object, key)) merged.add(key);
        setMember(object, key, each);
      }
    }
  }

  #duplicate(mappingEvent: number, key: string, second: number): void {
    if (this.duplicates.length >= MOST_DUPLICATES) return;
    const first = this.#keyOffset(mappingEvent, key) ?? second;
    this.duplicates.push({ key, first, second });
  }

  /** Where the first key of that name in a mapping stands. */
  #keyOffset(mappingEvent: number, key: string): number | undefined {
    let depth = 0;
    let isKey = true;
    for (let index = mappingEvent + 1; index < this.#events.length; index += 1) {
      const event = this.#events[index];
      if (event === undefined) break;
      if (depth === 0 && isKey && event.type === EVENT_ID.SCALAR) {
        if (keyText(this.#scalar(event)) === key) return offsetOf(event);
      }
      if (event.type === EVENT_ID.POP) depth -= 1;
      else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) depth += 1;
      if (depth < 0) break;
      if (depth === 0) isKey = !isKey;
    }
    return undefined;
  }

  #failure(message: string): InputFailure {
    return new InputFailure('MALFORMED', message, this.#lastOffset);
  }
}

/** The text of a key: booleans and numbers are written out; undefined for what can't be a key. */
export function keyText(key: JsonValue | ScalarValue): string | undefined {
  return typeof key === 'object' ? undefined : String(key);
}

/** Where an event's node begins in the text; undefined for one that is empty or marks an end. */
export function offsetOf(event: Event): number | undefined {
  switch (event.type) {
    case EVENT_ID.SCALAR: {
      const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      return event.valueStart < 0 ? undefined : event.valueStart - (quote ? 1 : 0);
    }
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    default:
      return undefined;
  }
}

/** go-yaml's `allowedAliasRatio`: 99 % of a small document may come from aliases, 10 % of a large one. */
function allowedAliasRatio(nodes: number): number {
  if (nodes <= SMALL_NODES) return 0.99;
  if (nodes >= LARGE_NODES) return 0.1;
  return 0.99 - 0.89 * ((nodes - SMALL_NODES) / (LARGE_NODES - SMALL_NODES));
}
