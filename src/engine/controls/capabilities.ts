import { compareBytes } from '../byte-order.js';
import type { ContainerView } from '../containers.js';
import type { Capabilities } from '../pod.js';
import type { Control } from './control.js';

interface Rule {
  readonly defaultAdd: readonly string[];
  readonly requiredDrop: readonly string[];
  /** `null`: all are allowed (`*`). */
  readonly allowed: readonly string[] | null;
}

const NONE: readonly string[] = Object.freeze([]);

/**
 * Linux capabilities that containers add and must drop.
 *
 * Restricted fields: …securityContext.capabilities.add
 * Allowed values: those of the policy's defaultAddCapabilities and allowedCapabilities; all where that lists `*`.
 * Names are plain strings: `ALL`, `*` and `CAP_` mean nothing special in a container's list.
 * Default: adds the policy's defaults that the container doesn't drop, drops what the policy requires. Lists that
 * change are sorted and without duplicates; lists that don't are left as they are.
 */
export const capabilities: Control<Rule> = {
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

  rule({ spec }) {
    const defaultAdd = spec.defaultAddCapabilities ?? NONE;
    const requiredDrop = spec.requiredDropCapabilities ?? NONE;
    const allowed = spec.allowedCapabilities ?? NONE;
    const all = allowed.includes('*');
    if (all && defaultAdd.length === 0 && requiredDrop.length === 0) return null;
    return { defaultAdd, requiredDrop, allowed: all ? null : allowed };
  },

  default(rule, pod, report) {
    if (rule.defaultAdd.length === 0 && rule.requiredDrop.length === 0) return;
    for (const container of pod.containers) {
      const filled = filledIn(rule, container);
      if (filled !== null) report.setContext(container, 'capabilities', { ...filled });
    }
  },

  validate(rule, pod, report) {
    const { allowed, defaultAdd } = rule;
    if (allowed === null) return;
    for (const container of pod.judged) {
      const own = container.context.capabilities?.add;
      if (own === undefined || own === null || own.length === 0) continue; // the policy's own defaults are allowed
      const added = filledIn(rule, container)?.add ?? own;
      for (const capability of added) {
        if (!defaultAdd.includes(capability) && !allowed.includes(capability)) {
          const field = `${container.contextPath}.capabilities.add`;
          const message = 'capability may not be added';
          report.container(container, 'allowedCapabilities', 'Invalid', field, capability, message);
        }
      }
    }
  },
};

/** The container's capabilities with the policy's; `null` where they are all there already. */
function filledIn(rule: Rule, container: ContainerView): { add?: string[]; drop?: string[] } | null {
  const own: Capabilities | null | undefined = container.context.capabilities;
  const add = own?.add ?? NONE;
  const drop = own?.drop ?? NONE;
  const missing = (capability: string) => !add.includes(capability) && !drop.includes(capability);
  const addsAll = !rule.defaultAdd.some(missing);
  const dropsAll = rule.requiredDrop.every((capability) => drop.includes(capability));
  if (addsAll && dropsAll) return null;
  const kept = rule.defaultAdd.filter((capability) => !drop.includes(capability));
  const allAdds = sortedSet(kept, add);
  const allDrops = sortedSet(rule.requiredDrop, drop);
  return {
    ...(allAdds.length > 0 ? { add: allAdds } : {}),
    ...(allDrops.length > 0 ? { drop: allDrops } : {}),
  };
}

function sortedSet(some: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])].sort(compareBytes);
}
