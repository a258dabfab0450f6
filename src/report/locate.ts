import type { Manifests } from '../kubernetes/manifests.js';
import { fieldPointer } from '../kubernetes/field-pointer.js';
import { podOf } from '../kubernetes/workload.js';
import type { Locate } from './evaluated-file.js';

/** Finds the fields of evaluated objects in the file that the objects were read from. */
export function locatorOf(manifests: Manifests): Locate {
  const documents = new Map(
    manifests.documents.map((document) => [placeKey(document.index, document.item), document]),
  );
  return (object, offending) => {
    const document = documents.get(placeKey(object.document, object.item));
    if (document === undefined) return { line: 1, column: 1 };
    const found = podOf(document.value);
    if (offending === null || found.kind !== 'pod') return manifests.locate(document, '/metadata/name');
    const { field, value } = offending;
    return manifests.locate(document, fieldPointer(field, value, found.pod, found.podPointer));
  };
}

function placeKey(document: number, item: number | null): string {
  return `${document}/${item ?? ''}`;
}
