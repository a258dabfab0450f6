import { describe, expect, it } from 'vitest';
import { type AuthenticationSources, createAuthenticate } from '../../src/access/authenticate.js';
import { newTokenSecret, tokenHash } from '../../src/access/token.js';
import type { Token } from '../../src/model/token.js';

const ADMIN = 'a'.repeat(32);
const NOW = new Date('2026-01-01T00:00:00Z');
const secret = newTokenSecret();
const token: Token = {
  id: '1',
  name: 'ci',
  role: 'EVALUATOR',
  clusters: ['prod'],
  createdBy: 'admin',
  createdAt: NOW,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

function authenticateWith(stored: Partial<Token>, used: string[] = []) {
  const sources: AuthenticationSources = {
    adminToken: ADMIN,
    findTokenByHash: (hash) =>
      Promise.resolve(hash.equals(tokenHash(secret)) ? { ...token, ...stored } : null),
    onTokenUsed: (id) => used.push(id),
    oidc: (jwt) => Promise.resolve({ actor: `oidc:${jwt}`, tokenId: null, role: 'VIEWER', clusters: null }),
    now: () => NOW,
  };
  return createAuthenticate(sources);
}

describe('authenticate', () => {
  it('knows the admin token', async () => {
    const principal = await authenticateWith({})(`Bearer ${ADMIN}`);
    expect(principal).toEqual({ actor: 'admin', tokenId: null, role: 'ADMIN', clusters: null });
  });

  it('leaves tokens that are JWTs to the identity provider', async () => {
    expect(await authenticateWith({})('Bearer a.b.c')).toMatchObject({ actor: 'oidc:a.b.c', role: 'VIEWER' });
  });

  it('knows a stored token and tells of its use', async () => {
    const used: string[] = [];
    const principal = await authenticateWith({}, used)(`bearer ${secret}`);
    expect(principal).toEqual({ actor: 'token:ci', tokenId: '1', role: 'EVALUATOR', clusters: ['prod'] });
    expect(used).toEqual(['1']);
  });

  const refused: readonly [string, string | undefined, Partial<Token>, string][] = [
    ['no header', undefined, {}, 'An Authorization header with a bearer token is needed'],
    ['another scheme', 'Basic abc', {}, 'The Authorization header must read "Bearer TOKEN"'],
    ['a blank in the token', 'Bearer a b', {}, 'The Authorization header must read "Bearer TOKEN"'],
    ['an unknown token', `Bearer ${newTokenSecret()}`, {}, 'The token is not valid'],
    ['a text that is no token', `Bearer ${'b'.repeat(32)}`, {}, 'The token is not valid'],
    ['a revoked token', `Bearer ${secret}`, { revokedAt: NOW }, 'The token is not valid'],
    ['an expired token', `Bearer ${secret}`, { expiresAt: NOW }, 'The token is not valid'],
  ];
  it.each(refused)('refuses %s', async (_, header, stored, message) => {
    await expect(authenticateWith(stored)(header)).rejects.toThrow(message);
  });
});
