/** A copy of what was serialized that has its memory to itself, so that it can be moved to another thread. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
