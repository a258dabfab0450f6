import type { AssignmentTerms, Subject } from '../../model/assignment.js';
import type { Grant } from './grants.js';

/** A subject with all namespaces in which it may use a policy. */
export interface SubjectGrant {
  readonly subject: Subject;
  /** Sorted; null: all. */
  readonly namespaces: readonly string[] | null;
}

/** What becomes of a policy's grants as one assignment: the same subjects in the same namespaces. */
export interface Expressed {
  readonly terms: Pick<AssignmentTerms, 'subjects' | 'namespaces'>;
  /** What the cluster granted and the assignment doesn't. */
  readonly lost: readonly SubjectGrant[];
  /** What the assignment grants and the cluster didn't. */
  readonly added: readonly SubjectGrant[];
  /**
   * Added as well, but without effect on what pods' own service accounts may use, since these live in one namespace:
   * it shows only where such an account itself creates pods in another namespace.
   */
  readonly addedAsUser: readonly SubjectGrant[];
}

const MASTERS: Subject = { kind: 'Group', name: 'system:masters' };

/**
 * Says grants as an assignment's subjects × namespaces. Where that is not possible exactly, it grants less, or with
 * `widen` more. `system:masters` may use every policy anyway; a policy that nobody else may use is assigned to it, so
 * that it is in the set all the same.
 */
export function expressGrants(grants: readonly Grant[], widen: boolean): Expressed {
  const granted = withoutCovered(bySubject(grants).filter(({ subject }) => !isMasters(subject)));
  if (granted.length === 0) {
    return { terms: { subjects: [MASTERS], namespaces: null }, lost: [], added: [], addedAsUser: [] };
  }
  const everywhere = unionOf(granted);
  const candidates = distinct([everywhere, ...granted.map(({ namespaces }) => namespaces)]);
  const widest = assignmentIn(everywhere, granted, true);
  if (widen || widest.added.length === 0) return widest;
  const narrow = candidates.map((namespaces) => assignmentIn(namespaces, granted, false));
  // Array.sort is stable: of equal ones the first, which covers the most namespaces.
  const [best = widest] = narrow
    .filter(({ terms }) => terms.subjects?.length !== 0)
    .sort((a, b) => a.lost.length - b.lost.length);
  return best;
}

function isMasters({ kind, name }: Subject): boolean {
  return kind === MASTERS.kind && name === MASTERS.name;
}

function bySubject(grants: readonly Grant[]): readonly SubjectGrant[] {
  const found = new Map<string, { subject: Subject; namespaces: Set<string> | null }>();
  for (const { subject, namespace } of grants) {
    const key = JSON.stringify([subject.kind, subject.namespace ?? '', subject.name]);
    const entry = found.get(key) ?? { subject, namespaces: new Set<string>() };
    if (namespace === null) entry.namespaces = null;
    else entry.namespaces?.add(namespace);
    found.set(key, entry);
  }
  const keys = [...found.keys()].sort();
  return keys.flatMap((key) => {
    const entry = found.get(key);
    if (entry === undefined) return [];
    return [{ subject: entry.subject, namespaces: entry.namespaces && [...entry.namespaces].sort() }];
  });
}

/** Without what a group of service accounts grants already to an account or a smaller group of them. */
function withoutCovered(grants: readonly SubjectGrant[]): readonly SubjectGrant[] {
  return grants.filter(
    (grant) =>
      !grants.some(
        (other) =>
          other !== grant &&
          groupsAround(grant.subject).includes(other.subject.name) &&
          other.subject.kind === 'Group' &&
          contains(other.namespaces, grant.namespaces),
      ),
  );
}

/** The groups of service accounts that the subject is surely in. */
function groupsAround(subject: Subject): readonly string[] {
  const home = homeOf(subject);
  if (home === null) return [];
  const all = 'system:serviceaccounts';
  return subject.kind === 'Group' ? [all] : [all, `${all}:${home}`];
}

/** The namespace of the service accounts that the subject stands for; null where it stands for others. */
function homeOf({ kind, name, namespace }: Subject): string | null {
  switch (kind) {
    case 'ServiceAccount':
      return namespace ?? null;
    case 'Group':
      return /^system:serviceaccounts:([^:]+)$/.exec(name)?.[1] ?? null;
    case 'User':
      return /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)?.[1] ?? null;
  }
}

/** An assignment in these namespaces; a subject that would be granted more than it was is left out unless `widen`. */
function assignmentIn(
  namespaces: readonly string[] | null,
  granted: readonly SubjectGrant[],
  widen: boolean,
): Expressed {
  const subjects: Subject[] = [];
  const lost: SubjectGrant[] = [];
  const added: SubjectGrant[] = [];
  const addedAsUser: SubjectGrant[] = [];
  for (const grant of granted) {
    const { subject } = grant;
    const isMore = !contains(grant.namespaces, namespaces);
    const home = homeOf(subject);
    const onlyAsUser = home !== null && (contains(grant.namespaces, [home]) || !contains(namespaces, [home]));
    if (isMore && !onlyAsUser && !widen) {
      lost.push(grant);
      continue;
    }
    subjects.push(subject);
    if (isMore)
      (onlyAsUser ? addedAsUser : added).push({ subject, namespaces: beyond(namespaces, grant.namespaces) });
    if (!contains(namespaces, grant.namespaces)) {
      lost.push({ subject, namespaces: beyond(grant.namespaces, namespaces) });
    }
  }
  return { terms: { subjects, namespaces }, lost, added, addedAsUser };
}

/** Whether the first namespaces hold all of the second. */
function contains(outer: readonly string[] | null, inner: readonly string[] | null): boolean {
  if (outer === null) return true;
  return inner !== null && inner.every((namespace) => outer.includes(namespace));
}

/** The namespaces of the first that the second lacks; null: all others. */
function beyond(outer: readonly string[] | null, inner: readonly string[] | null): readonly string[] | null {
  return outer === null ? null : outer.filter((namespace) => !contains(inner, [namespace]));
}

function unionOf(grants: readonly SubjectGrant[]): readonly string[] | null {
  const all = grants.map(({ namespaces }) => namespaces);
  if (all.includes(null)) return null;
  return [...new Set(all.flatMap((namespaces) => namespaces ?? []))].sort();
}

function distinct(sets: readonly (readonly string[] | null)[]): readonly (readonly string[] | null)[] {
  return [...new Map(sets.map((set) => [JSON.stringify(set), set])).values()];
}
