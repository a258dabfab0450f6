import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { pointerTokens } from './json-pointer.js';
import { keyText, offsetOf, type YamlComposer } from './yaml-composer.js';
import { resolvePlain } from './yaml-scalar.js';

interface Child {
  /** Where an editor should point to: a member's key, an element's beginning. */
  readonly offset: number;
  readonly event: number;
}

/** Finds where the values of composed documents stand in the text. Lists of children are made once, when asked for. */
export class YamlLocator {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #composer: YamlComposer;
  readonly #children = new Map<number, ReadonlyMap<string, Child>>();

  constructor(text: string, events: readonly Event[], composer: YamlComposer) {
    this.#text = text;
    this.#events = events;
    this.#composer = composer;
  }

  /** The offset of the value at a pointer below the node of an event, or of its nearest parent that is there. */
  locate(root: number, pointer: string): number {
    let event = root;
    let offset = this.#offset(root) ?? 0;
    for (const token of pointerTokens(pointer)) {
      const child = this.#childrenOf(event).get(token);
      if (child === undefined) break;
      ({ event, offset } = child);
    }
    return offset;
  }

  #offset(index: number): number | undefined {
    const event = this.#events[index];
    return event === undefined ? undefined : offsetOf(event);
  }

  #childrenOf(index: number): ReadonlyMap<string, Child> {
    const target = this.#composer.aliasTargets.get(index) ?? index;
    const known = this.#children.get(target);
    if (known !== undefined) return known;
    const children = new Map<string, Child>();
    // Set before it is filled: an alias can't be inside what it stands for, but a loop must not be possible anyway.
    this.#children.set(target, children);
    const type = this.#events[target]?.type;
    if (type === EVENT_ID.SEQUENCE) this.#addElements(target, children);
    if (type === EVENT_ID.MAPPING) this.#addMembers(target, children);
    return children;
  }

  #addElements(sequence: number, children: Map<string, Child>): void {
    const parent = this.#offset(sequence) ?? 0;
    for (let index = sequence + 1; !this.#isEnd(index); index = this.#after(index)) {
      children.set(String(children.size), { offset: this.#offset(index) ?? parent, event: index });
    }
  }

  #addMembers(mapping: number, children: Map<string, Child>): void {
    for (let key = mapping + 1; !this.#isEnd(key); ) {
      const value = this.#after(key);
      if (this.#composer.isMergeKey(key)) {
        for (const source of this.#mergeSources(value)) {
          for (const [name, child] of this.#childrenOf(source)) children.set(name, child);
        }
      } else {
        children.set(this.#keyText(key), { offset: this.#offset(key) ?? 0, event: value });
      }
      key = this.#after(value);
    }
  }

  #mergeSources(value: number): number[] {
    if (this.#events[value]?.type !== EVENT_ID.SEQUENCE) return [value];
    const sources: number[] = [];
    for (let index = value + 1; !this.#isEnd(index); index = this.#after(index)) sources.unshift(index);
    return sources;
  }

  #keyText(index: number): string {
    const event = this.#events[this.#composer.aliasTargets.get(index) ?? index];
    if (event?.type !== EVENT_ID.SCALAR) return '';
    const text = getScalarValue(this.#text, event);
    return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0
      ? (keyText(resolvePlain(text)) ?? text)
      : text;
  }

  #isEnd(index: number): boolean {
    const event = this.#events[index];
    return event === undefined || event.type === EVENT_ID.POP;
  }

  /** The event after the node that begins with the given one. */
  #after(index: number): number {
    let depth = 0;
    for (let current = index; current < this.#events.length; current += 1) {
      const type = this.#events[current]?.type;
      if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) depth += 1;
      if (type === EVENT_ID.POP) depth -= 1;
      if (depth === 0) return current + 1;
    }
    return this.#events.length;
  }
}
