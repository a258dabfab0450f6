import { parseManifests } from '../../../src/kubernetes/manifests.js';
import { readRbac, type Rbac } from '../../../src/cli/import/rbac.js';

/** The RBAC objects of YAML, as `kubectl get -o yaml` prints them or as people write them. */
export function rbacOf(yaml: string): Rbac {
  const manifests = parseManifests(yaml, 'yaml');
  if (!manifests.ok) throw new Error(JSON.stringify(manifests.problems));
  return readRbac(manifests.documents.map(({ value }) => value));
}

/** A ClusterRole, or a Role where a namespace is given, with one rule. */
export function roleYaml(name: string, rule: string, extra = ''): string {
  const [own = '', namespace] = name.split('/').toReversed();
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const where = namespace === undefined ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${own}${where}${extra}}\nrules: [${rule}]\n`;
}

/** A ClusterRoleBinding, or a RoleBinding where a namespace is given. */
export function bindingYaml(name: string, role: string, ...subjects: readonly string[]): string {
  const [own = '', namespace] = name.split('/').toReversed();
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const where = namespace === undefined ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${own}${where}}\nroleRef: {apiGroup: rbac.authorization.k8s.io, ${role}}\nsubjects: [${subjects.join(', ')}]\n`;
}
