import type { AssignmentTerms, Subject } from '../../model/assignment.js';
import { invalid, type InputProblem } from '../../model/errors.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MOST = { subjects: 1000, namespaces: 1000, nameLength: 512 } as const;

/**
 * The terms in a form that is the same for the same meaning: empty lists as null (everybody, everywhere), duplicates
 * removed, in a fixed order. Throws INVALID with every problem.
 */
export function checkTerms(terms: AssignmentTerms): AssignmentTerms {
  const problems = [...subjectProblems(terms.subjects ?? []), ...namespaceProblems(terms.namespaces ?? [])];
  if (problems.length > 0) throw invalid('The assignment is not valid', problems);
  const subjects = terms.subjects?.length ? distinctSubjects(terms.subjects) : null;
  const namespaces = terms.namespaces?.length ? [...new Set(terms.namespaces)].sort() : null;
  return { pinnedVersion: terms.pinnedVersion, subjects, namespaces };
}

function subjectProblems(subjects: readonly Subject[]): InputProblem[] {
  if (subjects.length > MOST.subjects) return [tooMany('subjects', MOST.subjects)];
  return subjects.flatMap((subject, index) => {
    const problems: InputProblem[] = [];
    if (
      subject.name === '' ||
      subject.name.length > MOST.nameLength ||
      /[\p{Cc}\p{Cs}]/u.test(subject.name)
    ) {
      const message = `name must be 1 to ${MOST.nameLength} characters of valid Unicode without control characters`;
      problems.push({ message, pointer: `/subjects/${index}/name`, field: `subjects[${index}].name` });
    }
    const wantsNamespace = subject.kind === 'ServiceAccount';
    const hasNamespace = subject.namespace !== undefined;
    if (wantsNamespace !== hasNamespace || (hasNamespace && !DNS_LABEL.test(subject.namespace))) {
      const message = wantsNamespace
        ? 'namespace of a ServiceAccount is required and must be a DNS-1123 label'
        : `namespace must not be given for a ${subject.kind}`;
      problems.push({
        message,
        pointer: `/subjects/${index}/namespace`,
        field: `subjects[${index}].namespace`,
      });
    }
    return problems;
  });
}

function namespaceProblems(namespaces: readonly string[]): InputProblem[] {
  if (namespaces.length > MOST.namespaces) return [tooMany('namespaces', MOST.namespaces)];
  return namespaces.flatMap((value, index) =>
    DNS_LABEL.test(value)
      ? []
      : [
          {
            message: 'must be a DNS-1123 label',
            pointer: `/namespaces/${index}`,
            field: `namespaces[${index}]`,
            value,
          },
        ],
  );
}

function tooMany(field: string, most: number): InputProblem {
  return { message: `${field} must have at most ${most} entries`, pointer: `/${field}`, field };
}

function distinctSubjects(subjects: readonly Subject[]): readonly Subject[] {
  const byKey = new Map(subjects.map((subject) => [subjectKey(subject), subject]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject);
}

function subjectKey({ kind, namespace, name }: Subject): string {
  return JSON.stringify([kind, namespace ?? '', name]);
}
