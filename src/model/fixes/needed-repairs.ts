import type { ControlName, Violation } from '../../engine/index.js';
import { type Edit, isObject, type Path } from './json-edit.js';
import type { Repair } from './repair.js';

/** A violation and what is found to do about it. */
export interface Answered {
  readonly violation: Violation;
  readonly found: readonly Repair[];
}

/** Controls that look at what the repair of another one changes: at hostNetwork, at volumes of every type. */
const ENTANGLED: readonly ControlName[] = [
  'hostPorts',
  'volumes',
  'allowedHostPaths',
  'allowedFlexVolumes',
  'allowedCSIDrivers',
];

/**
 * The repairs without which the policy rejects the pod, so that they needn't be tried to be left out: nothing but its one
 * repair takes away a violation of a control that no other control's repair has to do with, and of which nothing more was
 * found once everything was repaired.
 */
export class NeededRepairs {
  #paths: Map<ControlName, readonly Path[]> | null = null;

  /** Takes what is done in one round. */
  add(repairs: readonly Answered[]): void {
    const isFirst = this.#paths === null;
    const paths = this.#paths ?? pathsOfOnly(repairs);
    this.#paths = paths;
    const controls = new Set(repairs.map(({ violation }) => violation.control));
    if (!isFirst) for (const control of controls) paths.delete(control);
    if (!isFirst || paths.size < controls.size) for (const control of ENTANGLED) paths.delete(control);
  }

  /** Whether an edit is such a repair, or has one in it. */
  has({ path: edit }: Edit): boolean {
    const isIn = (path: Path) => edit.every((step, place) => path[place] === step);
    return [...(this.#paths?.values() ?? [])].some((paths) => paths.some(isIn));
  }
}

/** By control the repairs of its violations, where each of them has only one. */
function pathsOfOnly(repairs: readonly Answered[]): Map<ControlName, readonly Path[]> {
  const paths = new Map<ControlName, Path[]>();
  for (const { violation, found } of repairs) {
    const known = paths.get(violation.control) ?? [];
    for (const { path } of found) known.push(path);
    paths.set(violation.control, known);
  }
  for (const answered of repairs) if (!isOnlyRepair(answered)) paths.delete(answered.violation.control);
  return paths;
}

/** Of an object that is set a part may do, and what is chosen may do for others, too. */
function isOnlyRepair({ found: [repair, ...others] }: Answered): boolean {
  if (repair === undefined || others.length > 0) return false;
  return repair.kind === 'remove' || (repair.kind === 'set' && !isObject(repair.value));
}
