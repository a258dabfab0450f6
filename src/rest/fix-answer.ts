import { z } from 'zod';
import type { PolicyFix } from '../model/fixes/policy-fix.js';
import { answers, documentedAs } from './documentation.js';

const value = z.unknown();
documentedAs.add(value, {});

const choiceAnswer = z
  .object({
    field: z.string().describe("Kubernetes' path in the pod."),
    pointer: z.string().describe('JSON Pointer into the submitted object.'),
    message: z.string().describe('What to choose, in one sentence.'),
    allowed: z.array(z.string()).describe('What the policy allows there, such as `8000-8080`.'),
  })
  .register(answers, { id: 'FixChoice' });

/** How a rejected pod could satisfy one policy. */
export const fixAnswer = z
  .object({
    policy: z.string(),
    patch: z
      .array(
        z.object({ op: z.enum(['add', 'replace', 'remove']), path: z.string(), value: value.optional() }),
      )
      .describe(
        'The smallest JSON Patch (RFC 6902) of the submitted object. Without choices it alone makes the policy admit the pod.',
      ),
    choices: z.array(choiceAnswer).describe('What else the author must choose.'),
    impossible: z
      .string()
      .nullable()
      .describe('Why no change of the manifest helps or none is looked for; null where one does.'),
  })
  .register(answers, { id: 'PolicyFix' });

/** A fix as it is answered. */
export function renderFix({ policy, patch, choices, impossible }: PolicyFix): z.output<typeof fixAnswer> {
  return {
    policy,
    patch: [...patch],
    choices: choices.map((choice) => ({ ...choice, allowed: [...choice.allowed] })),
    impossible,
  };
}
