import { z } from 'zod';
import { ADMISSION_MODES, type AdmissionSettings } from '../model/admission.js';

const mode = z.enum(ADMISSION_MODES);
const onUnavailable = z.enum(['DENY', 'ALLOW']);

/** What a client says of how its API server's requests are answered. */
export const admissionInput = {
  mode: mode
    .exactOptional()
    .describe(
      'What the webhook does with a pod that is denied: refuse it, warn its user, or only record it.',
    ),
  namespaceModes: z
    .array(
      z.strictObject({
        namespace: z
          .string()
          .describe("A namespace's name, or a pattern in which `*` stands for any characters."),
        mode,
      }),
    )
    .exactOptional()
    .describe(
      "Other modes for some namespaces: a namespace's own name counts first, then the first pattern that fits.",
    ),
  mutateAlways: z
    .boolean()
    .exactOptional()
    .describe('Fill in what a policy fills in also where the mode is not ENFORCE.'),
  onUnavailable: onUnavailable
    .exactOptional()
    .describe('What the webhook answers where it can neither decide nor keep a decision.'),
};

/** How a cluster's API server is answered, in an answer. */
export const admissionAnswer = {
  mode,
  namespaceModes: z.array(z.object({ namespace: z.string(), mode })),
  mutateAlways: z.boolean(),
  onUnavailable,
};

/** The settings as they are answered. */
export function renderAdmission({ mode, namespaceModes, mutateAlways, onUnavailable }: AdmissionSettings) {
  return {
    mode,
    namespaceModes: namespaceModes.map((exception) => ({ ...exception })),
    mutateAlways,
    onUnavailable,
  };
}
