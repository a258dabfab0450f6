import type { PodSecurityPolicySpec } from '../../../engine/index.js';
import { type Aspect, type PodPart, SILENT, specField } from '../aspect.js';
import { nameBeside, tellingNames } from './names.js';

/** Aspects in which a pod says one of few words, whatever the policies are. */
function fixed(
  control:
    | 'privileged'
    | 'hostNetwork'
    | 'hostPID'
    | 'hostIPC'
    | 'readOnlyRootFilesystem'
    | 'allowedProcMountTypes',
  points: readonly PodPart[],
): Aspect {
  return { fields: [specField(control, control)], points: () => [SILENT, ...points] };
}

/** Privileged containers; Windows host process containers are judged alike. */
export const privileged = fixed('privileged', [{ context: { privileged: true } }]);

/** Sharing the host's network. The host ports that come with it are an aspect of their own. */
export const hostNetwork = fixed('hostNetwork', [{ spec: { hostNetwork: true } }]);

/** Use of the node's process namespace. */
export const hostPID = fixed('hostPID', [{ spec: { hostPID: true } }]);

/** Use of the node's IPC namespace. */
export const hostIPC = fixed('hostIPC', [{ spec: { hostIPC: true } }]);

/** Whether every container's root file system must be read-only. */
export const readOnlyRootFilesystem = fixed('readOnlyRootFilesystem', [
  { context: { readOnlyRootFilesystem: false } },
  { context: { readOnlyRootFilesystem: true } },
]);

/** `Default` is what a container has that says nothing. */
export const procMount = fixed('allowedProcMountTypes', [{ context: { procMount: 'Unmasked' } }]);

/** The default is never in the way: a valid policy that forbids escalation can't give it. */
export const privilegeEscalation: Aspect = {
  fields: [
    specField('allowPrivilegeEscalation', 'allowPrivilegeEscalation'),
    specField('defaultAllowPrivilegeEscalation', null),
  ],
  points: () => [
    SILENT,
    { context: { allowPrivilegeEscalation: true } },
    { context: { allowPrivilegeEscalation: false } },
  ],
};

/** A pod that names no class is always admitted. */
export const runtimeClass: Aspect = {
  fields: [specField('runtimeClass', 'runtimeClass')],
  points(before, after) {
    const left = runtimeClasses(before.spec);
    const right = runtimeClasses(after.spec);
    const names = [...tellingNames(left, right), nameBeside('other', new Set([...left, ...right]))];
    return [SILENT, ...names.map((runtimeClassName) => ({ spec: { runtimeClassName } }))];
  },
};

function runtimeClasses({ runtimeClass }: PodSecurityPolicySpec): readonly string[] {
  return (runtimeClass?.allowedRuntimeClassNames ?? []).filter((name) => name !== '*');
}
