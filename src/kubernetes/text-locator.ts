import { parseEvents, YAMLException } from 'js-yaml';
import { JsonLocator } from './json-locator.js';
import type { DocumentRange } from './text-stream.js';
import { YamlComposer } from './yaml-composer.js';
import { YamlLocator } from './yaml-locator.js';

/** What was read once is not too deep. */
const UNBOUNDED = Number.POSITIVE_INFINITY;

/** Finds the offset in a text of what a pointer into a document's value names, or of its nearest parent. */
export interface TextLocator {
  locate(index: number, pointer: string): number;
}

/** Finds places in a YAML stream that was read before; each document is parsed again when it is first asked for. */
export class YamlStreamLocator implements TextLocator {
  readonly #text: string;
  readonly #ranges: readonly DocumentRange[];
  readonly #documents = new Map<number, (pointer: string) => number>();

  constructor(text: string, ranges: readonly DocumentRange[]) {
    this.#text = text;
    this.#ranges = ranges;
  }

  locate(index: number, pointer: string): number {
    const { start, end } = this.#ranges[index] ?? { start: 0, end: 0 };
    let document = this.#documents.get(index);
    document ??= locatorOf(this.#text.slice(start, end));
    this.#documents.set(index, document);
    return start + document(pointer);
  }
}

function locatorOf(text: string): (pointer: string) => number {
  try {
    const events = parseEvents(text, { maxDepth: UNBOUNDED });
    const composer = new YamlComposer(text, events, UNBOUNDED);
    const root = composer.nextDocument()?.event ?? 0;
    const locator = new YamlLocator(text, events, composer);
    return (pointer) => locator.locate(root, pointer);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // A tag's handle is declared before the document's mark, outside its range: then only the document is named.
    return () => 0;
  }
}

/** Finds places in a JSON text that was read before. */
export class JsonTextLocator implements TextLocator {
  readonly #locator: JsonLocator;
  readonly #start: number;
  readonly #isList: boolean;

  constructor(text: string) {
    this.#locator = new JsonLocator(text);
    this.#start = Math.max(0, text.search(/\S/));
    this.#isList = text.startsWith('[', this.#start);
  }

  locate(index: number, pointer: string): number {
    return this.#locator.locate(this.#start, this.#isList ? `/${index}${pointer}` : pointer);
  }
}
