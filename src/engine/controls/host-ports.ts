import { containerField } from '../containers.js';
import { Ranges, rangesInBoth } from '../ranges.js';
import type { Control } from './control.js';

const field = containerField('hostPort');

interface Demand {
  readonly ranges: Ranges;
  /** The ranges as the message prints them: `8000-8080,443`. */
  readonly printed: string;
}

/**
 * Host ports reach a container from outside through the node's own addresses.
 *
 * Restricted fields: …containers[*].ports[*].hostPort; under hostNetwork every container port is a host port,
 * because the API server copies it there before admission.
 * Allowed values: absent, 0, or within a range of the policy. No ranges: no host ports. A range with min above max
 * is accepted by the API and matches nothing.
 */
export const hostPorts: Control<never, Demand> = {
  id: 'host-ports',
  fields: [
    {
      name: 'hostPorts',
      title: 'Host ports',
      description:
        "Ports of the node that a pod may occupy; under hostNetwork every container port is one of the node's.",
      help: 'Remove ports[*].hostPort and use a Service, or choose a port within the ranges of the policy.',
    },
  ],

  demands({ spec }) {
    const ranges = (spec.hostPorts ?? []).map(({ min, max }) => ({ min: min ?? 0, max: max ?? 0 }));
    const printed = ranges.map(({ min, max }) => (min === max ? `${min}` : `${min}-${max}`)).join(',');
    return { ranges: new Ranges(ranges), printed };
  },

  common(one, other) {
    const ranges = rangesInBoth(one.ranges, other.ranges);
    return ranges === null ? null : { ranges, printed: '' };
  },

  concerns: (pod) => pod.asked.hostPorts,

  validate({ ranges, printed }, pod, findings) {
    for (const container of pod.judged) {
      for (const hostPort of container.hostPorts) {
        if (ranges.has(hostPort)) continue;
        const message = `Host port ${hostPort} is not allowed to be used. Allowed ports: [${printed}]`;
        findings.container(container, 'hostPorts', 'Invalid', field, hostPort, message);
      }
    }
  },
};
