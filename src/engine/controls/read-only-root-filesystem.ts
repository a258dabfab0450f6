import { contextPath } from '../containers.js';
import type { Control } from './control.js';

/**
 * Containers that can't write to their root filesystem.
 *
 * Restricted fields: …securityContext.readOnlyRootFilesystem
 * Allowed values: anything, or true where the policy demands it.
 * Default: true where the policy demands it.
 */
export const readOnlyRootFilesystem: Control<true> = {
  id: 'read-only-root-filesystem',
  fields: [
    {
      name: 'readOnlyRootFilesystem',
      title: 'Read-only root filesystem',
      description: 'Whether the root filesystem of each container must be read-only.',
      help: 'Set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the process writes.',
    },
  ],

  rule: ({ spec }) => (spec.readOnlyRootFilesystem === true ? true : null),

  default(_rule, pod, report) {
    for (const container of pod.containers) {
      if (container.readOnlyRootFilesystem !== undefined) continue;
      if (!report.setContext(container, 'readOnlyRootFilesystem', true)) return;
    }
  },

  validate(_rule, pod, report) {
    for (const container of pod.judged) {
      if (container.readOnlyRootFilesystem === false) {
        const field = `${contextPath(container)}.readOnlyRootFilesystem`;
        const message = 'ReadOnlyRootFilesystem must be set to true';
        report.container(container, 'readOnlyRootFilesystem', 'Invalid', field, false, message);
      }
    }
  },
};
