import { compareBytes } from '../byte-order.js';
import { containerField, type ContainerView } from '../containers.js';
import { AllowedNames, allowedByBoth, DistinctNames, eachIn, without } from '../names.js';
import type { PodSecurityPolicySpec } from '../policy-spec.js';
import type { Control } from './control.js';

const field = containerField('securityContext.capabilities.add');

/** Both sorted and without duplicates. */
interface Fill {
  readonly defaultAdd: readonly string[];
  readonly requiredDrop: readonly string[];
}

interface Demand extends Fill {
  /** All that may be added, the policy's own defaults included. */
  readonly allowed: AllowedNames;
}

/**
 * Linux capabilities that containers add and must drop.
 *
 * Restricted fields: …securityContext.capabilities.add
 * Allowed values: those of the policy's defaultAddCapabilities and allowedCapabilities; all where that lists `*`.
 * Names are plain strings: `ALL`, `*` and `CAP_` mean nothing special in a container's list.
 * Default: adds the policy's defaults that the container doesn't drop, drops what the policy requires. Lists that
 * change are sorted and without duplicates; lists that don't are left as they are.
 */
export const capabilities: Control<Fill, Demand> = {
  id: 'capabilities',
  fields: [
    {
      name: 'allowedCapabilities',
      title: 'Linux capabilities',
      description:
        'Capabilities beyond the runtime’s default set that containers may add. Policies may also add some by default and require others to be dropped.',
      help: 'Remove the capability from securityContext.capabilities.add, or use one that the policy allows.',
    },
  ],

  fills({ spec }) {
    const fill = fillOf(spec);
    return fill.defaultAdd.length === 0 && fill.requiredDrop.length === 0 ? null : fill;
  },

  defaultContainer(fill, container, changes) {
    if (isComplete(fill, container)) return;
    const extended = container.added.length > 0 || container.dropped.length > 0;
    changes.setContext('capabilities', () => filledIn(fill, container), extended ? 'replace' : 'add');
  },

  demands({ spec }) {
    const allowed = spec.allowedCapabilities ?? [];
    const fill = fillOf(spec);
    if (allowed.includes('*')) return null;
    return { ...fill, allowed: new AllowedNames([...allowed, ...fill.defaultAdd]) };
  },

  // What is filled in is allowed, so it makes no difference here.
  common(one, other) {
    const allowed = allowedByBoth(one.allowed, other.allowed);
    return allowed === null ? null : { ...one, allowed };
  },

  // The policy's own defaults are allowed, so only what a container adds itself can be wrong.
  concerns: (pod) => pod.asked.capabilities.length > 0,

  validate(demand, pod, findings) {
    if (allowsAll(demand.allowed, pod.asked.capabilities)) return;
    for (const container of pod.judged) {
      // In the order in which they stand once the policy's are in.
      const added = isComplete(demand, container) ? container.added : (filledIn(demand, container).add ?? []);
      for (const capability of added) {
        if (demand.allowed.has(capability)) continue;
        const message = 'capability may not be added';
        findings.container(container, 'allowedCapabilities', 'Invalid', field, capability, message);
      }
    }
  },
};

function fillOf({ defaultAddCapabilities, requiredDropCapabilities }: PodSecurityPolicySpec): Fill {
  return {
    defaultAdd: sortedSet(defaultAddCapabilities ?? [], []),
    requiredDrop: sortedSet(requiredDropCapabilities ?? [], []),
  };
}

function allowsAll(allowed: AllowedNames, asked: readonly string[]): boolean {
  for (const capability of asked) {
    if (!allowed.has(capability)) return false;
  }
  return true;
}

/** Whether the container adds or drops everything that the policy adds, and drops all that it requires dropped. */
function isComplete({ defaultAdd, requiredDrop }: Fill, { added, dropped }: ContainerView): boolean {
  return eachIn(requiredDrop, dropped) && eachIn(defaultAdd, added, dropped);
}

/** The container's capabilities with the policy's; an empty list is left out, as Kubernetes does. */
function filledIn(
  { defaultAdd, requiredDrop }: Fill,
  { added, dropped }: ContainerView,
): { add?: readonly string[]; drop?: readonly string[] } {
  const kept = without(defaultAdd, dropped);
  const add = added.length === 0 ? kept : sortedSet(kept, added);
  const drop = dropped.length === 0 ? requiredDrop : sortedSet(requiredDrop, dropped);
  if (add.length === 0) return drop.length === 0 ? {} : { drop };
  return drop.length === 0 ? { add } : { add, drop };
}

function sortedSet(some: readonly string[], more: readonly string[]): string[] {
  const all = new DistinctNames();
  for (const one of some) all.add(one);
  for (const one of more) all.add(one);
  return all.list.length < 2 ? all.list : all.list.sort(compareBytes);
}
