import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/engine/index.js';
import { difference, Draft, edited, type Path } from '../../../src/model/fixes/json-edit.js';

interface DraftCase {
  readonly name: string;
  readonly change: (draft: Draft) => Draft;
  readonly expected: JsonValue;
}

const BEFORE = {
  spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], hostPID: true },
  kind: 'Pod',
};
const containers = (...names: string[]) => names.map((name) => ({ name }));

const cases: readonly DraftCase[] = [
  {
    name: 'a value is put into an item of a list',
    change: (draft) => draft.set(['spec', 'containers', 1, 'name'], 'x'),
    expected: { ...BEFORE, spec: { ...BEFORE.spec, containers: containers('a', 'x', 'c') } },
  },
  {
    name: 'objects on the way are made',
    change: (draft) => draft.set(['spec', 'securityContext', 'runAsUser'], 1),
    expected: { ...BEFORE, spec: { ...BEFORE.spec, securityContext: { runAsUser: 1 } } },
  },
  {
    name: 'an item that is not there stays away',
    change: (draft) => draft.set(['spec', 'containers', 3, 'name'], 'x'),
    expected: BEFORE,
  },
  {
    name: 'members and items go, the last item first',
    change: (draft) =>
      draft.remove(['spec', 'hostPID']).remove(['spec', 'containers', 2]).remove(['spec', 'containers', 0]),
    expected: { spec: { containers: containers('b') }, kind: 'Pod' },
  },
  {
    name: 'what is nowhere is not removed',
    change: (draft) => draft.remove(['spec', 'nothing', 'at', 'all']).remove(['kind', 'x']),
    expected: BEFORE,
  },
  {
    name: 'a member called __proto__ is a member',
    change: (draft) => draft.set(['__proto__', 'hostPID'], true),
    expected: JSON.parse(JSON.stringify(BEFORE).replace(/}$/, ',"__proto__":{"hostPID":true}}')) as JsonValue,
  },
  {
    name: 'a value that was put is not changed by what comes after',
    change: (draft) => draft.set(['spec'], BEFORE.spec).set(['spec', 'containers', 0, 'name'], 'x'),
    expected: { ...BEFORE, spec: { ...BEFORE.spec, containers: containers('x', 'b', 'c') } },
  },
];

describe('a draft', () => {
  it.each(cases)('$name', ({ change, expected }) => {
    const before = structuredClone(BEFORE);
    expect(JSON.stringify(change(new Draft(BEFORE)).value)).toBe(JSON.stringify(expected));
    expect(BEFORE).toEqual(before);
    expect(({} as Record<string, unknown>)['hostPID']).toBeUndefined();
  });

  it('leaves what is not changed as the very same object', () => {
    const after = new Draft(BEFORE).set(['spec', 'containers', 1, 'name'], 'x').value as typeof BEFORE;
    expect(after.spec.containers[0]).toBe(BEFORE.spec.containers[0]);
    expect(difference(BEFORE, after)).toEqual([
      { op: 'replace', path: ['spec', 'containers', 1, 'name'], value: 'x' },
    ]);
  });

  it('takes time for each change by the length of its path, not by that of the list', () => {
    const many = 60_000;
    const before: JsonValue = Array.from({ length: many }, () => ({ privileged: true, user: 0 }));
    const paths = before.flatMap((_, index): Path[] => [
      [index, 'privileged'],
      [index, 'user'],
    ]);
    const draft = new Draft(before);
    for (const path of paths) draft.set(path, 1);
    const edits = difference(before, draft.value);
    expect(edits).toHaveLength(2 * many);
    expect(edited(before, edits)).toEqual(draft.value);
  });
});
