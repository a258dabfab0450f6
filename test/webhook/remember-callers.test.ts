import { expect, test } from 'vitest';
import { createAuthenticate } from '../../src/access/authenticate.js';
import { newTokenSecret } from '../../src/access/token.js';
import { PodgateError } from '../../src/model/errors.js';
import { deadlineIn } from '../../src/operations/admission/deadline.js';
import { createOutage } from '../../src/operations/admission/outage.js';
import { rememberCallers } from '../../src/webhook/remember-callers.js';

const deadline = () => deadlineIn(10_000, () => performance.now());

/** A database that knows tokens, until it is away; what is asked for by a token's name. */
function world() {
  const tokens = new Set(['api-server']);
  const state = { isAway: false };
  const authenticate = rememberCallers(async (authorization) => {
    if (state.isAway) throw new PodgateError('UNAVAILABLE', 'away');
    if (!tokens.has(authorization ?? '')) throw new PodgateError('UNAUTHENTICATED', 'wrong');
    return { actor: `token:${authorization}`, tokenId: null, role: 'EVALUATOR', clusters: null };
  }, createOutage(1_000));
  const ask = (token: string) =>
    authenticate(token, deadline()).then(
      ({ actor }) => actor,
      (error: unknown) => (error instanceof PodgateError ? error.code : error),
    );
  return { tokens, state, ask };
}

test('while the database is away those go on who were let in before, and nobody else', async () => {
  const { tokens, state, ask } = world();
  tokens.add('revoked');
  await ask('api-server');
  await ask('revoked');
  tokens.delete('revoked');
  expect(await ask('revoked')).toBe('UNAUTHENTICATED');
  state.isAway = true;
  expect(await ask('unknown')).toBe('UNAVAILABLE');
  expect(await ask('revoked')).toBe('UNAVAILABLE');
  expect(await ask('api-server')).toBe('token:api-server');
});

test('however many tokens there have been, the last ones are remembered', async () => {
  const { tokens, state, ask } = world();
  await ask('api-server');
  for (let hour = 0; hour < 1_500; hour += 1) {
    tokens.add(`hour-${hour}`);
    await ask(`hour-${hour}`);
    if (hour === 700) await ask('api-server');
  }
  state.isAway = true;
  expect(await ask('hour-1499')).toBe('token:hour-1499');
  expect(await ask('api-server')).toBe('token:api-server');
  expect(await ask('hour-0')).toBe('UNAVAILABLE');
});

test.each([
  ['fails', () => Promise.reject(new PodgateError('UNAVAILABLE', 'no keys'))],
  ['takes too long', () => new Promise<never>(() => {})],
])('an identity provider that %s says nothing of the database', async (_, oidc) => {
  const sources = { adminToken: 'a'.repeat(32), onTokenUsed: () => {}, now: () => new Date(), oidc };
  const outage = createOutage(20);
  let isThere = true;
  const findTokenByHash = async () => {
    if (isThere) return null;
    throw new PodgateError('UNAVAILABLE', 'away');
  };
  const authenticate = rememberCallers(createAuthenticate({ ...sources, findTokenByHash }), outage);
  const ask = (token: string) =>
    authenticate(
      `Bearer ${token}`,
      deadlineIn(100, () => performance.now()),
    );
  await expect(ask('a.b.c')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(outage.isAway()).toBe(false);
  await expect(ask(newTokenSecret())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  isThere = false;
  await expect(ask(newTokenSecret())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(outage.isAway()).toBe(true);
});
