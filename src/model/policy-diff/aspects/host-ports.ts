import type { PolicySource } from '../../../engine/index.js';
import { type Aspect, SILENT, specField } from '../aspect.js';
import { firstOutside, type IntegerSet, integerSet } from '../integer-set.js';

const PORTS = { min: 1n, max: 65_535n };

/** Ports of the node. Those that hostNetwork brings about are judged like those that are asked for. */
export const hostPorts: Aspect = {
  fields: [specField('hostPorts', 'hostPorts')],
  points(before, after) {
    const left = portsOf(before);
    const right = portsOf(after);
    const ports = [firstOutside(right, left), firstOutside(left, right)].filter((port) => port !== undefined);
    return [
      SILENT,
      ...ports.map((port) => ({
        // Ports fit into a number.
        container: { ports: [{ containerPort: Number(port), hostPort: Number(port) }] },
      })),
    ];
  },
};

function portsOf({ spec }: PolicySource): IntegerSet {
  return integerSet(spec.hostPorts ?? [], PORTS);
}
