import { authorize } from '../../access/authorize.js';
import { newTokenSecret, tokenHash } from '../../access/token.js';
import { type InputProblem, invalid, notFound, PodgateError } from '../../model/errors.js';
import { checkPage, type Page, type PageRequest } from '../../model/page.js';
import type { Role } from '../../model/principal.js';
import type { Token } from '../../model/token.js';
import { isUuid } from '../../model/uuid.js';
import { insertChange } from '../../storage/changes.js';
import { findClusterNames } from '../../storage/clusters.js';
import {
  findToken,
  insertToken,
  isTokenNameTaken,
  pageTokens,
  revokeToken as revokeStored,
} from '../../storage/tokens.js';
import { inTransaction, readOnly, type Tx } from '../../storage/transaction.js';
import type { OperationContext } from '../context.js';

/** A token that is to be made. */
export interface CreateTokenInput {
  /** What people know it by, unique among the tokens that aren't revoked. */
  readonly name: string;
  readonly role: Role;
  /** Names of clusters; null: all. */
  readonly clusters: readonly string[] | null;
  readonly expiresAt: Date | null;
}

/** Makes a token. Its secret is in the answer and nowhere else. Throws INVALID, CONFLICT. */
export async function createToken(
  context: OperationContext,
  input: CreateTokenInput,
): Promise<{ readonly token: Token; readonly secret: string }> {
  authorize(context.principal, 'token:manage');
  const { now, newId, database } = context.services;
  const secret = newTokenSecret();
  const { actor } = context.principal;
  const token = await inTransaction(database, async (tx) => {
    const problems = [...checkToken(input, now()), ...(await clusterProblems(tx, input.clusters ?? []))];
    if (problems.length > 0) throw invalid('The token is not valid', problems);
    if (await isTokenNameTaken(tx, input.name)) throw nameTaken(input.name);
    const made = await insertToken(tx, { ...input, id: newId(), hash: tokenHash(secret), createdBy: actor });
    const { id, name, role, clusters, expiresAt } = made;
    const details = { id, name, role, clusters, expiresAt };
    await insertChange(tx, { actor, action: 'TOKEN_CREATED', clusterId: null, policyId: null, details });
    return made;
  });
  return { token, secret };
}

/** All tokens, newest first, without their secrets. */
export async function listTokens(context: OperationContext, page: PageRequest): Promise<Page<Token>> {
  authorize(context.principal, 'token:manage');
  return pageTokens(readOnly(context.services.database), checkPage(page));
}

/** Revokes a token, effective with the next request everywhere; twice is as good as once. Throws NOT_FOUND. */
export async function revokeToken(context: OperationContext, id: string): Promise<Token> {
  authorize(context.principal, 'token:manage');
  return inTransaction(context.services.database, async (tx) => {
    const revoked = isUuid(id) ? await revokeStored(tx, id, context.services.now()) : null;
    // Revoked before, maybe at the same moment: whoever did it made the record.
    if (revoked === null) return revokedBefore(tx, id);
    const { actor } = context.principal;
    const details = { id, name: revoked.name };
    await insertChange(tx, { actor, action: 'TOKEN_REVOKED', clusterId: null, policyId: null, details });
    return revoked;
  });
}

async function revokedBefore(tx: Tx, id: string): Promise<Token> {
  const token = isUuid(id) ? await findToken(tx, id) : null;
  if (token === null) throw notFound('Token', id);
  return token;
}

const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;

function checkToken(input: CreateTokenInput, now: Date): InputProblem[] {
  const problems: InputProblem[] = [];
  if (!TOKEN_NAME.test(input.name)) {
    const message =
      'name must be 1 to 100 letters, digits, ".", "_", "@" or "-" and begin with a letter or digit';
    problems.push({ message, field: 'name', pointer: '/name', value: input.name });
  }
  if (input.clusters?.length === 0) {
    const message = 'clusters must name at least one cluster, or be left out for all';
    problems.push({ message, field: 'clusters', pointer: '/clusters' });
  }
  if (input.expiresAt !== null && input.expiresAt <= now) {
    const value = input.expiresAt.toISOString();
    problems.push({
      message: 'expiresAt must be in the future',
      field: 'expiresAt',
      pointer: '/expiresAt',
      value,
    });
  }
  return problems;
}

function nameTaken(value: string): PodgateError {
  const message = `There is a token ${JSON.stringify(value)} already: revoke it first, or choose another name`;
  const problems = [{ message, field: 'name', pointer: '/name', value }];
  return new PodgateError('CONFLICT', message, { problems });
}

/** Most clusters that a token may be limited to. */
export const MOST_CLUSTERS = 1_000;

async function clusterProblems(tx: Tx, names: readonly string[]): Promise<InputProblem[]> {
  if (names.length > MOST_CLUSTERS) {
    const message = `clusters must have at most ${MOST_CLUSTERS} entries`;
    return [{ message, field: 'clusters', pointer: '/clusters' }];
  }
  const found = await findClusterNames(tx, names);
  return names.flatMap((value, index) => {
    if (found.has(value)) return [];
    const message = `there is no cluster ${JSON.stringify(value)}`;
    return [{ message, field: `clusters[${index}]`, pointer: `/clusters/${index}`, value }];
  });
}
