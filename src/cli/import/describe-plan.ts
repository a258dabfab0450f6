import type { Subject } from '../../model/assignment.js';
import { printable } from '../../report/printable.js';
import type { SubjectGrant } from './express-grants.js';
import { type ImportPlan, isExact, type PlannedPolicy } from './plan.js';

/** The plan as lines for people: what will be assigned to whom, and what an assignment can't express. */
export function describePlan(plan: ImportPlan): string[] {
  const dangling = plan.dangling.map(({ name, namespace, role }) => {
    const binding = namespace === null ? `ClusterRoleBinding ${name}` : `RoleBinding ${namespace}/${name}`;
    return `${binding}: ${role.kind} ${role.name} is not in the files, so it grants nothing`;
  });
  return [...plan.policies.flatMap(policyLines), ...dangling, exactness(plan)].map(printable);
}

function policyLines({ policy, unusable, terms, lost, added, addedAsUser }: PlannedPolicy): string[] {
  const namespaces = terms.namespaces === null ? 'everywhere' : `in ${terms.namespaces.join(', ')}`;
  return [
    `policy ${policy.name}, from ${policy.file}`,
    ...(unusable === null ? [] : [`  can not be used, as in the cluster: ${unusable}`]),
    `  may be used ${namespaces} by`,
    ...(terms.subjects ?? []).map((subject) => `    ${subjectText(subject)}`),
    ...section('can NOT be expressed, and is left out:', lost),
    ...section('can NOT be expressed, and is granted in addition:', added),
    ...section(
      'granted in addition, without effect on pods; only if such an account creates pods there:',
      addedAsUser,
    ),
  ];
}

function section(title: string, grants: readonly SubjectGrant[]): string[] {
  if (grants.length === 0) return [];
  const lines = grants.map(({ subject, namespaces }) => {
    const where = namespaces === null ? 'in all other namespaces' : `in ${namespaces.join(', ')}`;
    return `    ${subjectText(subject)} ${where}`;
  });
  return [`  ${title}`, ...lines];
}

function subjectText({ kind, name, namespace }: Subject): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function exactness(plan: ImportPlan): string {
  return isExact(plan)
    ? 'This decides as the cluster did.'
    : 'This does NOT decide in everything as the cluster did: see what can not be expressed.';
}
