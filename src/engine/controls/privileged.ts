import { containerField } from '../containers.js';
import type { Control } from './control.js';

const MESSAGE = 'Privileged containers are not allowed';
const field = containerField('securityContext.privileged');

const HOST_PROCESS_MESSAGE = 'Windows host process containers are not allowed';
const hostProcessField = containerField('securityContext.windowsOptions.hostProcess');

/**
 * Privileged containers have all capabilities and see the host's devices.
 *
 * Restricted fields:
 *   spec.{containers,initContainers,ephemeralContainers}[*].securityContext.privileged
 *   …securityContext.windowsOptions.hostProcess and spec.securityContext.windowsOptions.hostProcess (since 1.22):
 *   a host process container is what a privileged one is on Linux
 * Allowed values: absent, false
 */
export const privileged: Control<never, true> = {
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

  demands: ({ spec }) => (spec.privileged === true ? null : true),

  concerns: (pod) => pod.hostProcess || pod.asked.privileged,

  validate(_demand, pod, findings) {
    if (pod.hostProcess) {
      const podField = 'spec.securityContext.windowsOptions.hostProcess';
      findings.pod('privileged', 'Invalid', podField, true, HOST_PROCESS_MESSAGE);
    }
    for (const container of pod.judged) {
      if (container.privileged) {
        findings.container(container, 'privileged', 'Invalid', field, true, MESSAGE);
      }
      if (container.hostProcess) {
        findings.container(container, 'privileged', 'Invalid', hostProcessField, true, HOST_PROCESS_MESSAGE);
      }
    }
  },
};
