import { compareBytes } from '../byte-order.js';
import { type ContainerView, contextPath } from '../containers.js';
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
      if (isComplete(rule, container)) continue;
      if (!report.setContext(container, 'capabilities', () => filledIn(rule, container))) return;
    }
  },

  validate(rule, pod, report) {
    if (rule.allowed === null || !pod.addsCapabilities) return;
    // The policy's own defaults are allowed, so only what a container adds itself can be wrong.
    for (const container of pod.judged) {
      if (mayAddAll(rule, container.added)) continue;
      const added = isComplete(rule, container) ? container.added : (filledIn(rule, container).add ?? NONE);
      for (const capability of added) {
        if (mayAdd(rule, capability)) continue;
        const field = `${contextPath(container)}.capabilities.add`;
        report.container(
          container,
          'allowedCapabilities',
          'Invalid',
          field,
          capability,
          'capability may not be added',
        );
      }
    }
  },
};

function mayAdd({ allowed, defaultAdd }: Rule, capability: string): boolean {
  return allowed === null || allowed.includes(capability) || defaultAdd.includes(capability);
}

function mayAddAll(rule: Rule, added: readonly string[]): boolean {
  for (const capability of added) {
    if (!mayAdd(rule, capability)) return false;
  }
  return true;
}

/** Whether the container adds or drops everything that the policy adds, and drops all that it requires dropped. */
function isComplete(rule: Rule, { added, dropped }: ContainerView): boolean {
  for (const capability of rule.requiredDrop) {
    if (!dropped.includes(capability)) return false;
  }
  for (const capability of rule.defaultAdd) {
    if (!added.includes(capability) && !dropped.includes(capability)) return false;
  }
  return true;
}

/** The container's capabilities with the policy's; an empty list is left out, as Kubernetes does. */
function filledIn(rule: Rule, { added, dropped }: ContainerView): { add?: string[]; drop?: string[] } {
  const kept = rule.defaultAdd.filter((capability) => !dropped.includes(capability));
  const add = sortedSet(kept, added);
  const drop = sortedSet(rule.requiredDrop, dropped);
  return { ...(add.length > 0 ? { add } : {}), ...(drop.length > 0 ? { drop } : {}) };
}

function sortedSet(some: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])].sort(compareBytes);
}
