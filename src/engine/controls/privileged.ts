import { contextPath } from '../containers.js';
import type { Control } from './control.js';

const MESSAGE = 'Privileged containers are not allowed';
const HOST_PROCESS_MESSAGE = 'Windows host process containers are not allowed';

/**
 * Privileged containers have all capabilities and see the host's devices.
 *
 * Restricted fields:
 *   spec.{containers,initContainers,ephemeralContainers}[*].securityContext.privileged
 *   …securityContext.windowsOptions.hostProcess and spec.securityContext.windowsOptions.hostProcess (since 1.22):
 *   a host process container is what a privileged one is on Linux
 * Allowed values: absent, false
 */
export const privileged: Control<true> = {
  id: 'privileged',
  fields: [
    {
      name: 'privileged',
      title: 'Privileged containers',
      description:
        'A privileged container has every capability and sees all devices of the host. Host process containers on Windows count as privileged.',
      help: 'Remove securityContext.privileged (and windowsOptions.hostProcess), or set it to false. Ask for the capabilities that are really needed instead.',
    },
  ],

  rule: ({ spec }) => (spec.privileged === true ? null : true),

  validate(_rule, pod, report) {
    if (pod.context.windowsOptions?.hostProcess === true) {
      const field = 'spec.securityContext.windowsOptions.hostProcess';
      report.pod('privileged', 'Invalid', field, true, HOST_PROCESS_MESSAGE);
    }
    for (const container of pod.judged) {
      if (container.privileged) {
        const field = `${contextPath(container)}.privileged`;
        report.container(container, 'privileged', 'Invalid', field, true, MESSAGE);
      }
      if (container.hostProcess) {
        const field = `${contextPath(container)}.windowsOptions.hostProcess`;
        report.container(container, 'privileged', 'Invalid', field, true, HOST_PROCESS_MESSAGE);
      }
    }
  },
};
