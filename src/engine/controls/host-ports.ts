import { containerPath } from '../containers.js';
import type { Control } from './control.js';

interface Rule {
  readonly ranges: readonly { readonly min: number; readonly max: number }[];
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
export const hostPorts: Control<Rule> = {
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

  rule({ spec }) {
    const ranges = (spec.hostPorts ?? []).map(({ min, max }) => ({ min: min ?? 0, max: max ?? 0 }));
    const printed = ranges.map(({ min, max }) => (min === max ? `${min}` : `${min}-${max}`)).join(',');
    return { ranges, printed };
  },

  applies: (pod) => pod.usesHostPorts,

  validate(rule, pod, report) {
    for (const container of pod.judged) {
      for (const hostPort of container.hostPorts) {
        if (inRanges(rule, hostPort)) continue;
        const message = `Host port ${hostPort} is not allowed to be used. Allowed ports: [${rule.printed}]`;
        report.container(
          container,
          'hostPorts',
          'Invalid',
          `${containerPath(container)}.hostPort`,
          hostPort,
          message,
        );
      }
    }
  },
};

function inRanges({ ranges }: Rule, port: number): boolean {
  for (const { min, max } of ranges) {
    if (port >= min && port <= max) return true;
  }
  return false;
}
