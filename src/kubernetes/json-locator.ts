import { pointerTokens } from './json-pointer.js';
import { JsonReader } from './json-reader.js';

interface Child {
  /** Where an editor should point to: a member's key, an element's beginning. */
  readonly offset: number;
  readonly valueOffset: number;
}

/** Finds where the values of a JSON text that could be read stand in it. Lists of children are made once, when asked for. */
export class JsonLocator {
  readonly #reader: JsonReader;
  readonly #children = new Map<number, ReadonlyMap<string, Child>>();

  /** @param text a text that was read without an error */
  constructor(text: string) {
    this.#reader = new JsonReader(text, Number.POSITIVE_INFINITY);
  }

  /** The offset of the value at a pointer below the value at `root`, or of its nearest parent that is there. */
  locate(root: number, pointer: string): number {
    let child: Child = { offset: root, valueOffset: root };
    for (const token of pointerTokens(pointer)) {
      const next = this.#childrenOf(child.valueOffset).get(token);
      if (next === undefined) break;
      child = next;
    }
    return child.offset;
  }

  /** The offset of the first key of that name in the object at an offset. */
  keyOffset(object: number, key: string): number | undefined {
    return this.#childrenOf(object).get(key)?.offset;
  }

  #childrenOf(offset: number): ReadonlyMap<string, Child> {
    const known = this.#children.get(offset);
    if (known !== undefined) return known;
    const children = new Map<string, Child>();
    this.#reader.visitChildren(offset, (key, keyOffset, valueOffset) => {
      const name = String(key);
      if (!children.has(name)) children.set(name, { offset: keyOffset, valueOffset });
    });
    this.#children.set(offset, children);
    return children;
  }
}
