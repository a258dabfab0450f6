import type { Int64, JsonValue } from '../../../engine/index.js';
import { isList, type Path, valueAt } from '../json-edit.js';
import { type Broken, containerPath, remove, type Repair, type RepairRule, set } from '../repair.js';

const POD_CONTEXT: Path = ['spec', 'securityContext'];

/** Takes a host namespace back. Kubernetes reports it below securityContext, manifests have it in the spec. */
export function hostNamespace(member: 'hostNetwork' | 'hostPID' | 'hostIPC'): RepairRule {
  return () => [remove('spec', member)];
}

/** Takes back what the violation names: a container's `privileged`, or `hostProcess` of it or its pod. */
export const privileged: RepairRule = ({ violation: { field } }) => {
  const holder = field.startsWith('spec.securityContext.') ? POD_CONTEXT : contextOf(field);
  return [
    field.endsWith('.hostProcess')
      ? remove(...holder, 'windowsOptions', 'hostProcess')
      : remove(...holder, 'privileged'),
  ];
};

/** Says `false` in the container. */
export const privilegeEscalation: RepairRule = ({ violation: { field } }) => [
  set([...contextOf(field), 'allowPrivilegeEscalation'], false),
];

/** Says `true` in the container. */
export const readOnlyRootFilesystem: RepairRule = ({ violation: { field } }) => [
  set([...contextOf(field), 'readOnlyRootFilesystem'], true),
];

/** Leaves the type to the default, or takes one that is allowed. */
export const procMount: RepairRule = ({ violation: { field }, policy }) => {
  const [first = 'Default', ...others] = policy.spec.allowedProcMountTypes ?? [];
  const path = [...contextOf(field), 'procMount'];
  return [first, ...others].includes('Default') ? [remove(...path)] : [set(path, first)];
};

/** Takes back the user, or `runAsNonRoot: false`, so that the policy fills it in. */
export const runAsUser: RepairRule = (broken) =>
  inherited(broken, broken.violation.field.endsWith('.runAsNonRoot') ? 'runAsNonRoot' : 'runAsUser');

/** Takes back the group. */
export const runAsGroup: RepairRule = (broken) => inherited(broken, 'runAsGroup');

/** Takes back the label, whole as it is inherited. */
export const seLinux: RepairRule = (broken) => inherited(broken, 'seLinuxOptions');

/** Takes back a group for volumes. */
export const fsGroup: RepairRule = () => [remove(...POD_CONTEXT, 'fsGroup')];

/** Takes back the groups that no range has, and the list with the last of them. */
export const supplementalGroups: RepairRule = ({ pod, policy }) => {
  const path = [...POD_CONTEXT, 'supplementalGroups'];
  const ranges = policy.spec.supplementalGroups?.ranges ?? [];
  const isAllowed = (group: Int64) =>
    ranges.some(({ min, max }) => group >= (min ?? 0) && group <= (max ?? 0));
  return withoutItems(
    pod,
    path,
    (group) => (typeof group === 'number' || typeof group === 'bigint') && isAllowed(group),
  );
};

/** Takes back the capabilities that may not be added, and the list with the last of them. */
export const capabilities: RepairRule = ({ violation: { field }, pod, policy: { spec } }) => {
  const named = [...(spec.allowedCapabilities ?? []), ...(spec.defaultAddCapabilities ?? [])];
  const allowed: ReadonlySet<JsonValue> = new Set(named);
  const path = [...contextOf(field), 'capabilities', 'add'];
  return withoutItems(pod, path, (capability) => allowed.has(capability));
};

/** Takes back a sysctl. */
export const sysctls: RepairRule = ({ violation: { field } }) => {
  const index = /\[(\d+)\]$/.exec(field)?.[1];
  return index === undefined ? [] : [remove(...POD_CONTEXT, 'sysctls', Number(index))];
};

/** Takes back the class. */
export const runtimeClass: RepairRule = () => [remove('spec', 'runtimeClassName')];

function contextOf(field: string): Path {
  return [...containerPath(field), 'securityContext'];
}

/** Removes a member from the container that has it, else from the pod that it is inherited from. */
function inherited({ violation: { field }, pod }: Broken, member: string): readonly Repair[] {
  const container = containerPath(field);
  const own = [...container, 'securityContext', member];
  return container.length > 0 && valueAt(pod, own) !== undefined
    ? [remove(...own)]
    : [remove(...POD_CONTEXT, member)];
}

function withoutItems(pod: JsonValue, path: Path, keep: (item: JsonValue) => boolean): readonly Repair[] {
  const items = valueAt(pod, path);
  if (!isList(items)) return [];
  if (!items.some(keep)) return [remove(...path)];
  return items.flatMap((item, i) => (keep(item) ? [] : [remove(...path, i)]));
}
