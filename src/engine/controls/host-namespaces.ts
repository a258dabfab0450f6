import type { Control } from './control.js';

/**
 * Sharing the host's network, process or IPC namespace takes away the isolation of containers.
 *
 * Restricted fields: spec.hostNetwork, spec.hostPID, spec.hostIPC (Kubernetes reports them under
 * spec.securityContext, where its internal type has them). `shareProcessNamespace` stays within the pod and is free.
 * Allowed values: absent, false
 */
function hostNamespace(field: 'hostNetwork' | 'hostPID' | 'hostIPC', what: string): Control<never, true> {
  const path = `spec.securityContext.${field}`;
  const message = `Host ${what} is not allowed to be used`;
  return {
    id: 'host-namespaces',
    fields: [
      {
        name: field,
        title: `Host ${what} namespace`,
        description: `A pod that shares the host's ${what} namespace is not isolated from the node and its other pods there.`,
        help: `Remove spec.${field}, or set it to false.`,
      },
    ],

    demands: ({ spec }) => (spec[field] === true ? null : true),

    concerns: (pod) => pod[field],

    validate(_demand, _pod, findings) {
      findings.pod(field, 'Invalid', path, true, message);
    },
  };
}

/** Whether the pod may use the node's network namespace. */
export const hostNetwork = hostNamespace('hostNetwork', 'network');
/** Whether the pod may use the node's process namespace. */
export const hostPID = hostNamespace('hostPID', 'PID');
/** Whether the pod may use the node's IPC namespace. */
export const hostIPC = hostNamespace('hostIPC', 'IPC');
