import { z } from 'zod';
import type { PolicyWarning } from '../model/policy-lint/policy-warning.js';
import { answers } from './documentation.js';

const warningAnswer = z
  .object({
    code: z.enum([
      'UNKNOWN_FIELD',
      'UNUSABLE',
      'ADMITS_NOTHING',
      'ADMITS_EVERYTHING',
      'MUTATES',
      'OVERLAPPING_RANGES',
      'NO_EFFECT',
      'SHADOWED',
      'ORDER_BY_NAME',
    ]),
    message: z.string().describe('One sentence for people.'),
    field: z.string().nullable().describe("The policy's field; null where it isn't one."),
    policies: z
      .array(z.string())
      .describe('The policies concerned, the one that the warning is about first.'),
  })
  .register(answers, { id: 'PolicyWarning' });

/** What is odd about a policy that was saved or assigned. */
export const policyWarnings = z
  .array(warningAnswer)
  .describe('What is odd about the policy but no reason to refuse it.');

/** Warnings as they are answered. */
export function renderWarnings(warnings: readonly PolicyWarning[]): z.output<typeof policyWarnings> {
  return warnings.map((warning) => ({ ...warning, policies: [...warning.policies] }));
}
