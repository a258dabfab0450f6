import { present } from '../security-context.js';
import { inBoth } from '../families.js';
import type { Control } from './control.js';

/** The names that a pod may name. */
type Demand = readonly string[];

/**
 * RuntimeClasses that a pod may name.
 *
 * Restricted fields: spec.runtimeClassName
 * Allowed values: without a strategy anything; else absent or listed, `*` allows all, an empty list none.
 * Default: the strategy's, where the pod names none.
 */
export const runtimeClass: Control<string, Demand> = {
  id: 'runtime-class',
  fields: [
    {
      name: 'runtimeClass',
      title: 'Runtime class',
      description: 'The RuntimeClasses, and so the container runtimes, that pods may choose.',
      help: 'Remove spec.runtimeClassName, or name a RuntimeClass that the policy lists.',
    },
  ],

  fills: ({ spec }) => spec.runtimeClass?.defaultRuntimeClassName ?? null,

  default(name, pod, changes) {
    if (pod.runtimeClassName === undefined) changes.setSpec('runtimeClassName', name);
  },

  demands({ spec }) {
    const strategy = present(spec.runtimeClass);
    const allowed = strategy?.allowedRuntimeClassNames ?? [];
    return strategy === undefined || allowed.includes('*') ? null : allowed;
  },

  common: inBoth,

  validate(allowed, pod, findings) {
    const name = pod.runtimeClassName;
    if (name === undefined || allowed.includes(name)) return;
    findings.pod('runtimeClass', 'Invalid', 'spec.runtimeClassName', name, '');
  },
};
