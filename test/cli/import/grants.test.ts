import { describe, expect, it } from 'vitest';
import { policyGrants } from '../../../src/cli/import/grants.js';
import { bindingYaml, rbacOf, roleYaml } from './rbac-of.js';

const ANN = '{kind: User, name: ann}';
const CLUSTER_ROLE = 'kind: ClusterRole, name: r';
const use = (names = '', verbs = 'use', groups = 'policy', resources = 'podsecuritypolicies') =>
  `{verbs: [${verbs}], apiGroups: [${groups}], resources: [${resources}]${names === '' ? '' : `, resourceNames: [${names}]`}}`;

/** `policy: subject@namespace` for everything granted. */
function granted(yaml: string, ...policies: readonly string[]): string[] {
  const { byPolicy } = policyGrants(rbacOf(yaml), policies.length === 0 ? ['a', 'b'] : policies);
  return [...byPolicy].flatMap(([policy, grants]) =>
    grants.map(
      ({ subject, namespace }) => `${policy}: ${subject.namespace ?? ''}${subject.name}@${namespace ?? '*'}`,
    ),
  );
}

const bound = (rule: string) => roleYaml('r', rule) + bindingYaml('x', CLUSTER_ROLE, ANN);

describe('what RBAC grants of the use of policies', () => {
  it.each<[string, string, readonly string[]]>([
    ['a rule with names grants these', use('b'), ['b: ann@*']],
    ['a rule without names grants all', use(), ['a: ann@*', 'b: ann@*']],
    ['the verb * contains use', use('a', "'*'"), ['a: ann@*']],
    ['other verbs do not', use('a', 'get, list, delete'), []],
    ['the group extensions counts too', use('a', 'use', 'extensions'), ['a: ann@*']],
    ['so does any group', use('a', 'use', "'*'"), ['a: ann@*']],
    ['other groups do not', use('a', 'use', "'', apps"), []],
    ['any resource contains policies', use('a', 'use', 'policy', "'*'"), ['a: ann@*']],
    ['a subresource does not', use('a', 'use', 'policy', 'podsecuritypolicies/x'), []],
    ['a name is no pattern', use("'*'"), []],
    ['a rule of URLs is no rule of resources', "{verbs: ['*'], nonResourceURLs: ['*']}", []],
    ['rules are not mixed with each other', `${use('a', 'get')}, ${use('b', 'use', 'apps')}`, []],
  ])('%s', (_sentence, rule, expected) => {
    expect(granted(bound(rule))).toEqual(expected);
  });

  it.each<[string, string, readonly string[]]>([
    ['a ClusterRoleBinding grants everywhere', bindingYaml('x', CLUSTER_ROLE, ANN), ['a: ann@*']],
    [
      'a RoleBinding to a ClusterRole grants in its namespace',
      bindingYaml('dev/x', CLUSTER_ROLE, ANN),
      ['a: ann@dev'],
    ],
    [
      'a RoleBinding to a Role grants in its namespace',
      bindingYaml('dev/x', 'kind: Role, name: s', ANN),
      ['a: ann@dev'],
    ],
    ['a Role of another namespace is not there', bindingYaml('ops/x', 'kind: Role, name: s', ANN), []],
    [
      'several subjects are granted the same',
      bindingYaml('dev/x', CLUSTER_ROLE, ANN, '{kind: Group, name: g}'),
      ['a: ann@dev', 'a: g@dev'],
    ],
    [
      'a service account has a namespace of its own',
      bindingYaml('dev/x', CLUSTER_ROLE, '{kind: ServiceAccount, name: s, namespace: ops}'),
      ['a: opss@dev'],
    ],
    [
      'or lives in that of the binding',
      bindingYaml('dev/x', CLUSTER_ROLE, '{kind: ServiceAccount, name: s}'),
      ['a: devs@dev'],
    ],
    [
      'or is nobody in a ClusterRoleBinding',
      bindingYaml('x', CLUSTER_ROLE, '{kind: ServiceAccount, name: s}'),
      [],
    ],
    ['a binding without subjects grants nothing', bindingYaml('x', CLUSTER_ROLE), []],
  ])('%s', (_sentence, binding, expected) => {
    expect(granted(roleYaml('r', use('a')) + roleYaml('dev/s', use('a')) + binding)).toEqual(expected);
  });

  it('takes a binding in the default namespace where none is said', () => {
    const binding = bindingYaml('x', CLUSTER_ROLE, ANN).replace('ClusterRoleBinding', 'RoleBinding');
    expect(granted(roleYaml('r', use('a')) + binding)).toEqual(['a: ann@default']);
  });

  it('names bindings to roles that are not there', () => {
    const { dangling } = policyGrants(rbacOf(bindingYaml('dev/x', 'kind: Role, name: gone', ANN)), ['a']);
    expect(dangling.map(({ name, namespace, role }) => [namespace, name, role.name])).toEqual([
      ['dev', 'x', 'gone'],
    ]);
  });

  it('gives an aggregated role the rules of the roles that it selects, also through others', () => {
    const aggregate = (name: string, label: string, own = '') =>
      `${roleYaml(name, '', own)}aggregationRule: {clusterRoleSelectors: [{matchLabels: {${label}}}]}\n`;
    const yaml =
      aggregate('r', 'to: top') +
      aggregate('middle', 'to: middle', ', labels: {to: top}') +
      roleYaml('leaf', use('a'), ', labels: {to: middle}') +
      roleYaml('other', use('b'), ', labels: {to: elsewhere}') +
      bindingYaml('x', CLUSTER_ROLE, ANN);
    expect(granted(yaml)).toEqual(['a: ann@*']);
  });

  it.each<[string, string, boolean]>([
    ['In', '{key: t, operator: In, values: [x, y]}', true],
    ['In, other value', '{key: t, operator: In, values: [y]}', false],
    ['NotIn', '{key: t, operator: NotIn, values: [y]}', true],
    ['NotIn of an absent label', '{key: u, operator: NotIn, values: [y]}', true],
    ['Exists', '{key: t, operator: Exists}', true],
    ['Exists of an absent label', '{key: u, operator: Exists}', false],
    ['DoesNotExist', '{key: u, operator: DoesNotExist}', true],
    ['an unknown operator', '{key: t, operator: Gt, values: [1]}', false],
  ])('selects by expressions: %s', (_operator, expression, selected) => {
    const yaml =
      `${roleYaml('r', '')}aggregationRule: {clusterRoleSelectors: [{matchExpressions: [${expression}]}]}\n` +
      roleYaml('leaf', use('a'), ', labels: {t: x}') +
      bindingYaml('x', CLUSTER_ROLE, ANN);
    expect(granted(yaml)).toEqual(selected ? ['a: ann@*'] : []);
  });

  it('does not run in circles where roles aggregate each other', () => {
    const yaml =
      `${roleYaml('r', '', ', labels: {t: x}')}aggregationRule: {clusterRoleSelectors: [{matchLabels: {t: x}}]}\n` +
      bindingYaml('x', CLUSTER_ROLE, ANN);
    expect(granted(yaml)).toEqual([]);
  });

  it('reads a List as kubectl prints it, and older versions of the API', () => {
    const role = roleYaml('r', use('a'))
      .replace('/v1', '/v1beta1')
      .replace('---\n', '')
      .replaceAll('\n', '\n    ')
      .trim();
    const binding = bindingYaml('x', CLUSTER_ROLE, ANN)
      .replace('---\n', '')
      .replaceAll('\n', '\n    ')
      .trim();
    expect(granted(`apiVersion: v1\nkind: List\nitems:\n  - ${role}\n  - ${binding}\n`)).toEqual([
      'a: ann@*',
    ]);
  });
});
