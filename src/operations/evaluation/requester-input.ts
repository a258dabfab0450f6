import { groupsOf } from '../../model/assignment.js';
import { invalid, type InputProblem } from '../../model/errors.js';

/** Whose rights count, and in which namespace a pod without one is evaluated. */
export interface RequesterInput {
  readonly namespace: string;
  /** null: no requesting user. */
  readonly user: string | null;
  readonly groups: readonly string[];
  /** null: the pod's own, else `default`. */
  readonly serviceAccount: string | null;
}

/** Most characters of each name; of namespaces and service accounts what Kubernetes allows. */
export const LONGEST = { namespace: 63, user: 512, groups: 512, serviceAccount: 253 } as const;

/** What a client calls the members, and where they stand in its request. */
export interface RequesterPlace {
  readonly names: Readonly<Record<keyof RequesterInput, string>>;
  /** What stands before a name in a pointer: `/` in a body. */
  readonly before: '' | '/';
}

const NAMES = { namespace: 'namespace', user: 'user', groups: 'groups', serviceAccount: 'serviceAccount' };

/** Members of a JSON body. */
export const IN_BODY: RequesterPlace = { names: NAMES, before: '/' };

/** Members of GraphQL's input. */
export const IN_ARGUMENTS: RequesterPlace = { names: NAMES, before: '' };

/**
 * What a client says of the requester, with the groups that an API server would see. Throws INVALID with every problem:
 * names that are empty or too long, and groups of nobody, which would change nothing and yet stand in the record.
 */
export function readRequester(given: RequesterInput, { names, before }: RequesterPlace): RequesterInput {
  const problems = (Object.keys(LONGEST) as (keyof RequesterInput)[]).flatMap((member): InputProblem[] => {
    const texts = [given[member] ?? []].flat();
    const place = { field: names[member], pointer: `${before}${names[member]}` };
    if (member === 'groups' && given.user === null && texts.length > 0) {
      return [{ message: `${names.groups} has a meaning only together with ${names.user}`, ...place }];
    }
    if (texts.every((text) => text !== '' && text.length <= LONGEST[member])) return [];
    const must = member === 'groups' ? 'must each have' : 'must have';
    return [{ message: `${names[member]} ${must} 1 to ${LONGEST[member]} characters`, ...place }];
  });
  const [problem] = problems;
  if (problem !== undefined) {
    throw invalid(problems.length === 1 ? problem.message : 'The requester is not valid', problems);
  }
  return { ...given, groups: given.user === null ? [] : groupsOf(given.user, given.groups) };
}
