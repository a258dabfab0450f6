/** Who may use a policy, in the words of RBAC's subjects. */
export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Only of a ServiceAccount: the namespace that it lives in. */
  readonly namespace?: string;
}

/** What an assignment says: which version may be used, by whom, where. */
export interface AssignmentTerms {
  /** A version number, or null for the latest of the moment. */
  readonly pinnedVersion: number | null;
  /** null: everybody. */
  readonly subjects: readonly Subject[] | null;
  /** Namespaces in which the assignment counts; null: all. */
  readonly namespaces: readonly string[] | null;
}

/** The terms alone of an assignment. */
export function termsOf({ pinnedVersion, subjects, namespaces }: AssignmentTerms): AssignmentTerms {
  return { pinnedVersion, subjects, namespaces };
}

/** "This policy may be used in this cluster by these subjects": RBAC's verb `use`, valid from one moment to another. */
export interface Assignment extends AssignmentTerms {
  readonly id: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly policyId: string;
  readonly policyName: string;
  readonly validFrom: Date;
  /** null while it is in force. */
  readonly validTo: Date | null;
  readonly createdBy: string;
  readonly endedBy: string | null;
}

/** Who asks for a pod: Kubernetes' user info of the requesting user, and the pod's service account. */
export interface Requester {
  /** null: there is no requesting user, only the service account counts. */
  readonly user: string | null;
  readonly groups: readonly string[];
  /** Name of the pod's service account in `namespace`; null: none. */
  readonly serviceAccount: string | null;
  readonly namespace: string;
}

interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Whether the requesting user or the pod's service account may use the policy: either is enough, as in Kubernetes.
 * The service account bears only its two own groups, so a grant to `system:authenticated` does not reach it, and
 * `system:masters` may use everything everywhere.
 */
export function mayUse(
  terms: Pick<AssignmentTerms, 'subjects' | 'namespaces'>,
  requester: Requester,
): boolean {
  const user: Identity | null =
    requester.user === null ? null : { user: requester.user, groups: requester.groups };
  if (user?.groups.includes('system:masters')) return true;
  if (terms.namespaces !== null && !terms.namespaces.includes(requester.namespace)) return false;
  if (terms.subjects === null) return true;
  const account = requester.serviceAccount === null ? null : serviceAccountIdentity(requester);
  return terms.subjects.some(
    (subject) => (account !== null && names(subject, account)) || (user !== null && names(subject, user)),
  );
}

function names(subject: Subject, identity: Identity): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === identity.user;
    case 'Group':
      return identity.groups.includes(subject.name);
    case 'ServiceAccount':
      return identity.user === `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`;
  }
}

function serviceAccountIdentity(requester: Requester): Identity {
  return {
    user: `system:serviceaccount:${requester.namespace}:${requester.serviceAccount ?? ''}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${requester.namespace}`],
  };
}

/**
 * The groups that an API server would see of an authenticated user: those given, `system:authenticated`, and for a
 * service account its own two.
 */
export function groupsOf(user: string, groups: readonly string[]): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user);
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  return [...new Set([...groups, ...own, 'system:authenticated'])];
}
