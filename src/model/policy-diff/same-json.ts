/** Whether two values are the same JSON; the order of an object's members doesn't matter, absent is `null`. */
export function sameJson(left: unknown, right: unknown): boolean {
  return jsonKey(left) === jsonKey(right);
}

function jsonKey(value: unknown): string {
  return JSON.stringify(value ?? null, (_member, part: unknown) => {
    if (typeof part === 'bigint') return { int64: String(part) };
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const members = Object.entries(part).filter(([, member]) => member !== undefined && member !== null);
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
