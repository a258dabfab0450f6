import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expressed, expressGrants } from '../../../src/cli/import/express-grants.js';
import { type Grant, policyGrants } from '../../../src/cli/import/grants.js';
import type { Rbac } from '../../../src/cli/import/rbac.js';
import { mayUse, type Requester, type Subject } from '../../../src/model/assignment.js';
import { rbacAllows, requestersOf } from './requesters.js';

const user = (name: string): Subject => ({ kind: 'User', name });
const group = (name: string): Subject => ({ kind: 'Group', name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });
const grant = (subject: Subject, namespace: string | null = null): Grant => ({ subject, namespace });
const short = ({ kind, name, namespace }: Subject) => `${kind[0]}:${namespace ? `${namespace}/` : ''}${name}`;
const where = (namespaces: readonly string[] | null) => namespaces?.join('+') ?? '*';

function summary({ terms, lost, added, addedAsUser }: Expressed) {
  const list = (grants: Expressed['lost']) =>
    grants.map(({ subject, namespaces }) => `${short(subject)}@${where(namespaces)}`).join(' ');
  return {
    terms: `${(terms.subjects ?? []).map(short).join(' ')} @ ${where(terms.namespaces)}`,
    ...(lost.length > 0 ? { lost: list(lost) } : {}),
    ...(added.length > 0 ? { added: list(added) } : {}),
    ...(addedAsUser.length > 0 ? { addedAsUser: list(addedAsUser) } : {}),
  };
}

const SA = 'system:serviceaccounts';

describe('grants as an assignment', () => {
  it.each<[string, readonly Grant[], object]>([
    ['one subject everywhere', [grant(user('ann'))], { terms: 'U:ann @ *' }],
    [
      'several in the same namespaces',
      [grant(user('ann'), 'a'), grant(group('g'), 'a')],
      { terms: 'G:g U:ann @ a' },
    ],
    [
      'everywhere contains every namespace',
      [grant(user('ann'), 'a'), grant(user('ann'))],
      { terms: 'U:ann @ *' },
    ],
    ['nobody: assigned to those who may use everything', [], { terms: 'G:system:masters @ *' }],
    [
      'system:masters need no grant',
      [grant(group('system:masters')), grant(user('ann'), 'a')],
      { terms: 'U:ann @ a' },
    ],
    [
      'a group of accounts contains its members',
      [grant(group(`${SA}:a`), 'a'), grant(account('a', 'x'), 'a')],
      { terms: `G:${SA}:a @ a` },
    ],
    [
      'all accounts contain those of a namespace',
      [grant(group(SA)), grant(group(`${SA}:a`), 'a'), grant(user('system:serviceaccount:b:x'), 'b')],
      { terms: `G:${SA} @ *` },
    ],
    [
      'accounts each in their own namespace: nothing is lost for pods',
      [grant(account('a', 'x'), 'a'), grant(account('b', 'y'), 'b')],
      { terms: 'S:a/x S:b/y @ a+b', addedAsUser: 'S:a/x@b S:b/y@a' },
    ],
    [
      'an account at home beside a group everywhere',
      [grant(account('a', 'x'), 'a'), grant(group('g'))],
      { terms: 'G:g S:a/x @ *', addedAsUser: 'S:a/x@*' },
    ],
    [
      'users in different namespaces: the second is left out',
      [grant(user('ann'), 'a'), grant(user('bob'), 'b')],
      { terms: 'U:ann @ a', lost: 'U:bob@b' },
    ],
    [
      'most subjects win',
      [grant(user('ann'), 'a'), grant(user('bob'), 'b'), grant(user('cid'), 'b')],
      { terms: 'U:bob U:cid @ b', lost: 'U:ann@a' },
    ],
  ])('%s', (_sentence, grants, expected) => {
    expect(summary(expressGrants(grants, false))).toEqual(expected);
  });

  it('can grant more instead of less', () => {
    const grants = [grant(user('ann'), 'a'), grant(user('bob'), 'b')];
    expect(summary(expressGrants(grants, true))).toEqual({
      terms: 'U:ann U:bob @ a+b',
      added: 'U:ann@b U:bob@a',
    });
  });
});

const NAMESPACES = ['a', 'b', 'c'];
const ACCOUNTS = ['x', 'y'];
const requesters = requestersOf(NAMESPACES, ACCOUNTS, [['ann'], ['bob', 'g'], ['root', 'system:masters']]);
const isAccount = ({ user: name }: Requester) => name?.startsWith('system:serviceaccount:') === true;

const subjects = fc.constantFrom(
  user('ann'),
  group('g'),
  group('system:authenticated'),
  group('system:masters'),
  group(SA),
  ...NAMESPACES.flatMap((namespace) => [
    group(`${SA}:${namespace}`),
    account(namespace, 'x'),
    user(`system:serviceaccount:${namespace}:y`),
  ]),
);
const bindings = fc.array(
  fc.record({
    namespace: fc.constantFrom(null, null, ...NAMESPACES),
    role: fc.constantFrom('r', 's'),
    subjects: fc.array(subjects, { maxLength: 3 }),
  }),
  { maxLength: 5 },
);
const rbacs = fc
  .record({ bindings, names: fc.constantFrom([], ['p'], ['q']) })
  .map(({ bindings, names }): Rbac => {
    const rule = {
      verbs: ['use'],
      apiGroups: ['policy'],
      resources: ['podsecuritypolicies'],
      resourceNames: names,
    };
    const role = (name: string, rules: readonly (typeof rule)[]) => {
      return { name, namespace: null, labels: {}, rules, aggregates: [] };
    };
    return {
      roles: [role('r', [rule]), role('s', [{ ...rule, resourceNames: ['p'] }])],
      bindings: bindings.map((binding, index) => ({
        ...binding,
        name: `b${index}`,
        role: { kind: 'ClusterRole', name: binding.role },
      })),
    };
  });

describe('an imported assignment, beside the cluster’s own authorizer', () => {
  const expressed = (rbac: Rbac, widen: boolean) =>
    expressGrants(policyGrants(rbac, ['p']).byPolicy.get('p') ?? [], widen);
  /** Requesters for whom the assignment says something else than RBAC. */
  const differing = (rbac: Rbac, { terms }: Expressed) =>
    requesters.filter((requester) => mayUse(terms, requester) !== rbacAllows(rbac, 'p', requester));

  it('decides the same for everybody where it says that it does', () => {
    fc.assert(
      fc.property(rbacs, (rbac) => {
        const result = expressed(rbac, false);
        fc.pre(result.lost.length + result.added.length + result.addedAsUser.length === 0);
        expect(differing(rbac, result)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('differs only for service accounts that create pods themselves where it says that', () => {
    fc.assert(
      fc.property(rbacs, (rbac) => {
        const result = expressed(rbac, false);
        fc.pre(result.lost.length + result.added.length === 0);
        expect(differing(rbac, result).filter((requester) => !isAccount(requester))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never grants more to a pod or a person unless told to, and never less when told to widen', () => {
    fc.assert(
      fc.property(rbacs, (rbac) => {
        const narrow = expressed(rbac, false);
        const wide = expressed(rbac, true);
        const more = differing(rbac, narrow).filter(
          (requester) => mayUse(narrow.terms, requester) && !isAccount(requester),
        );
        const less = differing(rbac, wide).filter((requester) => !mayUse(wide.terms, requester));
        expect([more, less]).toEqual([[], []]);
      }),
      { numRuns: 500 },
    );
  });
});
