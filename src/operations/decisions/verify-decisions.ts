import { setImmediate } from 'node:timers/promises';
import { signatureCheck } from '../../model/checkpoint.js';
import { PodgateError } from '../../model/errors.js';
import {
  createLogVerifier,
  type LogProblem,
  type LogVerification,
  removalOf,
} from '../../model/verify-log.js';
import { listCheckpoints } from '../../storage/checkpoints.js';
import { findAlteredContents, findStray, readBatches, readLogEnd } from '../../storage/log-reader.js';
import { readOnly } from '../../storage/transaction.js';
import { findClusterFor } from '../clusters/find-cluster.js';
import type { OperationContext } from '../context.js';
import { countingKeys } from './signing-keys.js';

/** How often verifying begins again because retention has removed what was being read. */
const MOST_ATTEMPTS = 5;

/**
 * Verifies the decision log of a cluster as it was when the call began; decisions may arrive meanwhile. What is wrong
 * is data. One runs at a time with a token, and ends when who asked has gone. Throws NOT_FOUND, FORBIDDEN, UNAVAILABLE,
 * TOO_MANY_REQUESTS.
 */
export async function verifyDecisions(
  context: OperationContext,
  input: { readonly cluster: string },
): Promise<LogVerification> {
  const { services } = context;
  const cluster = await findClusterFor(
    context,
    'decision:verify',
    readOnly(services.database),
    input.cluster,
  );
  return services.verifyInTurn(context.principal, () => verify(context, cluster.id));
}

async function verify(context: OperationContext, clusterId: string): Promise<LogVerification> {
  const { database } = context.services;
  for (let attempt = 1; ; attempt += 1) {
    const verification = await verifyOnce(context, clusterId);
    const sequence = verification.firstProblem?.sequence;
    if (sequence === undefined || attempt === MOST_ATTEMPTS) return verification;
    const removal = removalOf(await listCheckpoints(readOnly(database), clusterId));
    if (removal === null || removal.sequence < sequence) return verification;
  }
}

async function verifyOnce(context: OperationContext, clusterId: string): Promise<LogVerification> {
  const { database, signing } = context.services;
  endIfGone(context);
  // The checkpoints before the end: the log has then at least reached each of them.
  const checkpoints = await listCheckpoints(readOnly(database), clusterId);
  const end = await readLogEnd(database, clusterId);
  const removedThrough = removalOf(checkpoints)?.sequence ?? 0n;
  const checkSignature = signatureCheck(await countingKeys(signing));
  const verifier = createLogVerifier({ clusterId, checkpoints, checkSignature });
  let from = removedThrough + 1n;
  for await (const batch of readBatches(database, clusterId, removedThrough, end.sequence)) {
    const right = verifier.batch(batch);
    if (!right || batch.lastSequence - from > CONTENTS_AT_A_TIME || batch.lastSequence === end.sequence) {
      const through = right ? batch.lastSequence : (verifier.end(null).firstProblem?.sequence ?? 0n) - 1n;
      const [altered] = await findAlteredContents(database, clusterId, from, through);
      if (altered !== undefined) return alteredContent(altered, removedThrough);
      from = batch.lastSequence + 1n;
    }
    if (!right) break;
    await setImmediate(); // other requests get their turn
    endIfGone(context);
  }
  const verification = verifier.end(end);
  if (!verification.valid) return verification;
  const stray = await findStray(database, clusterId, removedThrough);
  return stray === null ? verification : { ...verification, valid: false, firstProblem: strayProblem(stray) };
}

/** Reading on would slow others down for an answer that nobody gets. */
function endIfGone({ isGone }: OperationContext): void {
  if (isGone?.() === true) throw new PodgateError('TIMEOUT', 'Nobody waits for the verification any more');
}

const CONTENTS_AT_A_TIME = 2_000n;

interface Found {
  readonly sequence: bigint;
  readonly id: string;
}

function alteredContent({ sequence, id }: Found, removedThrough: bigint): LogVerification {
  const message = `The stored workload of the decision at ${sequence} is not what was evaluated`;
  const firstProblem = { kind: 'ALTERED', sequence, decisionId: id, message } as const;
  return { valid: false, checked: sequence - removedThrough - 1n, firstProblem };
}

function strayProblem({ sequence, id }: Found): LogProblem {
  const message = `The decision at ${sequence} lies outside the ends of the log`;
  return { kind: 'ALTERED', sequence, decisionId: id, message };
}
