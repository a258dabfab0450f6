import { present } from '../security-context.js';
import type { Control } from './control.js';

interface Rule {
  /** `*` allows all. */
  readonly allowed: readonly string[];
  readonly default: string | undefined;
}

/**
 * RuntimeClasses that a pod may name.
 *
 * Restricted fields: spec.runtimeClassName
 * Allowed values: without a strategy anything; else absent or listed, `*` allows all, an empty list none.
 * Default: the strategy's, where the pod names none.
 */
export const runtimeClass: Control<Rule> = {
  id: 'runtime-class',
  fields: [
    {
      name: 'runtimeClass',
      title: 'Runtime class',
      description: 'The RuntimeClasses, and so the container runtimes, that pods may choose.',
      help: 'Remove spec.runtimeClassName, or name a RuntimeClass that the policy lists.',
    },
  ],

  rule({ spec }) {
    const strategy = present(spec.runtimeClass);
    if (strategy === undefined) return null;
    return {
      allowed: strategy.allowedRuntimeClassNames ?? [],
      default: present(strategy.defaultRuntimeClassName),
    };
  },

  default(rule, pod, report) {
    if (rule.default !== undefined && present(pod.spec.runtimeClassName) === undefined) {
      report.setSpec('runtimeClassName', rule.default);
    }
  },

  validate({ allowed }, pod, report) {
    const name = present(pod.spec.runtimeClassName);
    if (name === undefined || allowed.includes('*') || allowed.includes(name)) return;
    report.pod('runtimeClass', 'Invalid', 'spec.runtimeClassName', name, '');
  },
};
