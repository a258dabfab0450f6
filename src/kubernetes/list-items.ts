import { pointerToken } from './json-pointer.js';
import {
  describeValue,
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  textMember,
} from './json-value.js';

/** One object of a body. */
export interface ManifestDocument {
  /** Number of its YAML document, empty ones not counted, or of its element in a JSON array; from 0. */
  readonly index: number;
  /** Its number among the items of the document's `List`, from 0; null where the document is no list. */
  readonly item: number | null;
  /** Where it stands in its document: `''`, or `/items/3` in a list. */
  readonly pointer: string;
  readonly value: JsonObject;
}

/** Something that should be an object and isn't, or a list without items. */
export interface NoObject {
  readonly index: number;
  readonly pointer: string;
  readonly message: string;
}

/** The objects of a body's documents, lists replaced by their items. */
export interface Flattened {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly NoObject[];
}

/**
 * Replaces lists (`List`, `PodList`, `DeploymentList` … with `items`), also lists in lists, by their items. An item of
 * a typed list gets the kind that it leaves to its list. Stops at the first object beyond `most`.
 */
export function flattenLists(values: readonly JsonValue[], most = Number.POSITIVE_INFINITY): Flattened {
  const flattener = new ListFlattener(most);
  for (const [index, value] of values.entries()) flattener.add(index, value, '', null, null);
  return flattener;
}

class ListFlattener implements Flattened {
  readonly documents: ManifestDocument[] = [];
  readonly problems: NoObject[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(
    index: number,
    value: JsonValue,
    pointer: string,
    list: JsonObject | null,
    counter: { items: number } | null,
  ): void {
    if (this.documents.length > this.#most) return;
    if (!isObject(value)) {
      this.problems.push({ index, pointer, message: `expected an object, found ${describeValue(value)}` });
      return;
    }
    if (isListOfObjects(value)) {
      this.#addItems(index, value, pointer, counter ?? { items: 0 });
      return;
    }
    const item = counter === null ? null : counter.items;
    if (counter !== null) counter.items += 1;
    this.documents.push({ index, item, pointer, value: list === null ? value : itemOf(list, value) });
  }

  #addItems(index: number, list: JsonObject, pointer: string, counter: { items: number }): void {
    const items = list['items'] ?? null;
    if (items === null) return;
    if (!isList(items)) {
      const message = `items must be a list, but is ${describeValue(items)}`;
      this.problems.push({ index, pointer: `${pointer}/items`, message });
      return;
    }
    for (const [number, item] of items.entries()) {
      this.add(index, item, `${pointer}/items${pointerToken(number)}`, list, counter);
    }
  }
}

/** A `List` may lack its items, as an empty one does; of other kinds only those that have some are lists of objects. */
function isListOfObjects(value: JsonObject): boolean {
  const kind = textMember(value, 'kind');
  return kind === 'List' || (kind?.endsWith('List') === true && Object.hasOwn(value, 'items'));
}

function itemOf(list: JsonObject, item: JsonObject): JsonObject {
  const listKind = textMember(list, 'kind') ?? '';
  if (listKind === 'List' || (Object.hasOwn(item, 'kind') && Object.hasOwn(item, 'apiVersion'))) return item;
  const kind = listKind.slice(0, -'List'.length);
  return { apiVersion: list['apiVersion'] ?? null, kind, ...item };
}
