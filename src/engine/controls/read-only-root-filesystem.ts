import { containerField } from '../containers.js';
import type { Control } from './control.js';

const field = containerField('securityContext.readOnlyRootFilesystem');

/**
 * Containers that can't write to their root filesystem.
 *
 * Restricted fields: …securityContext.readOnlyRootFilesystem
 * Allowed values: anything, or true where the policy demands it.
 * Default: true where the policy demands it.
 */
export const readOnlyRootFilesystem: Control<true, true> = {
  id: 'read-only-root-filesystem',
  fields: [
    {
      name: 'readOnlyRootFilesystem',
      title: 'Read-only root filesystem',
      description: 'Whether the root filesystem of each container must be read-only.',
      help: 'Set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the process writes.',
    },
  ],

  fills: ({ spec }) => (spec.readOnlyRootFilesystem === true ? true : null),

  defaultContainer(_fill, container, changes) {
    if (container.readOnlyRootFilesystem === undefined) changes.setContext('readOnlyRootFilesystem', true);
  },

  demands: ({ spec }) => (spec.readOnlyRootFilesystem === true ? true : null),

  concerns: (pod) => pod.asked.writableRoot,

  validate(_demand, pod, findings) {
    for (const container of pod.judged) {
      if (container.readOnlyRootFilesystem !== false) continue;
      const message = 'ReadOnlyRootFilesystem must be set to true';
      findings.container(container, 'readOnlyRootFilesystem', 'Invalid', field, false, message);
    }
  },
};
