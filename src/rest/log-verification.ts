import { z } from 'zod';
import { listSigningKeys } from '../operations/decisions/signing-keys.js';
import { verifyDecisions } from '../operations/decisions/verify-decisions.js';
import { clusterParameter } from './clusters.js';
import { answers } from './documentation.js';
import { json } from './reply.js';
import { type Route, route } from './route.js';
import { idAnswer } from './schemas.js';

const tag = 'Decisions';

const verificationAnswer = z
  .object({
    valid: z.boolean(),
    checked: z.int().describe('How many decisions were found right before the first problem.'),
    firstProblem: z
      .object({
        kind: z.enum(['MISSING', 'ALTERED', 'OUT_OF_ORDER', 'CHECKPOINT']),
        sequence: z.string().regex(/^\d+$/).describe('Position in the log at which it shows.'),
        decisionId: idAnswer.nullable().describe('The decision that is found there, if there is one.'),
        message: z.string(),
      })
      .nullable(),
  })
  .register(answers, { id: 'LogVerification' });

const signingKeysAnswer = z.object({
  keys: z.array(
    z
      .object({
        keyId: z.string().describe('The first 16 hex digits of the SHA-256 of the key in DER.'),
        algorithm: z.literal('Ed25519'),
        publicKey: z.string().describe('SubjectPublicKeyInfo in PEM.'),
        current: z.boolean().describe('Whether new checkpoints are signed with it.'),
      })
      .register(answers, { id: 'SigningKey' }),
  ),
});

/** Proof that no decision is missing or altered. */
export const logVerificationRoutes: readonly Route[] = [
  route(
    {
      id: 'verifyDecisions',
      method: 'get',
      path: '/v1/clusters/{cluster}/decisions/verify',
      tag,
      summary: "Verify that a cluster's decision log is whole",
      description:
        'Reads the whole log and checks that every decision is there, as it was recorded, in its order, up to every ' +
        'signed checkpoint. The answer is 200 also where something is wrong. With a token one verification runs at a ' +
        'time; some wait for their turn, and where too many do the answer is 429.',
      params: z.strictObject({ cluster: clusterParameter }),
      answers: {
        200: { description: 'What was found.', content: { 'application/json': verificationAnswer } },
      },
      problems: ['NOT_FOUND'],
    },
    async ({ params: { cluster }, context }) => {
      const { valid, checked, firstProblem } = await verifyDecisions(context, { cluster });
      const problem = firstProblem && { ...firstProblem, sequence: String(firstProblem.sequence) };
      return json(200, { valid, checked: Number(checked), firstProblem: problem });
    },
  ),
  route(
    {
      id: 'listSigningKeys',
      method: 'get',
      path: '/v1/signing-keys',
      tag,
      summary: "Read the public keys of the decision logs' checkpoints",
      answers: {
        200: {
          description: 'The keys, the current one first.',
          content: { 'application/json': signingKeysAnswer },
        },
      },
    },
    async ({ context }) => json(200, { keys: await listSigningKeys(context) }),
  ),
];
