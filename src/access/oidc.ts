import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { PodgateError } from '../model/errors.js';
import { type Principal, ROLES } from '../model/principal.js';
import { boundedFetch } from './bounded-fetch.js';
import { keepIssuerKeys, type KeyTimes, keysUnavailable } from './issuer-keys.js';

/** What a claim's value gives: the first rule that matches counts. */
const oidcRule = z.strictObject({
  /** A claim's name, or the path to one, its parts separated by dots: `groups`, `realm_access.roles`. */
  claim: z.string().min(1),
  /** The claim's value, or one of its values where it is a list. */
  value: z.string(),
  role: z.enum(ROLES),
  /** Names of clusters; left out: all. */
  clusters: z.array(z.string().min(1)).min(1).nullable().default(null),
});

type OidcRule = z.output<typeof oidcRule>;

/** Reads rules from a JSON list; null where it is none. */
export function oidcRules(text: string): readonly OidcRule[] | null {
  try {
    return z.array(oidcRule).parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Whose tokens are taken, and what they give. */
export interface OidcSettings {
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: string;
  /** What must be among the tokens' `aud`. */
  readonly audience: string;
  /** Where the keys are; null: where the issuer's discovery document says. */
  readonly jwksUri: string | null;
  readonly rules: readonly OidcRule[];
}

const TIMES: KeyTimes = { keysFor: 600, pause: 30, afterFailure: 5 };
/** Signatures only with private keys: `none`, and HMAC with a public key as its secret, can't be meant. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 30;
/** OpenID Connect Core 1.0, section 2: at most 255 ASCII characters. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

/** Whether a bearer token has the form of a signed JWT: three parts in base64url. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/**
 * Makes the check of an issuer's tokens (RFC 7519, RFC 8725): signature, `iss`, `aud`, `exp`, `nbf`, `sub`. Throws
 * UNAUTHENTICATED for one that isn't good, FORBIDDEN for a good one that no rule gives anything, UNAVAILABLE where the
 * issuer's keys can't be had.
 */
export function createOidc(
  { issuer, audience, jwksUri, rules }: OidcSettings,
  times = TIMES,
): (token: string) => Promise<Principal> {
  const keys = keepIssuerKeys(keysReader(issuer, jwksUri), times);
  return async (token) => {
    const payload = await verify(token, keys, { issuer, audience });
    const subject = payload.sub ?? '';
    if (!SUBJECT.test(subject)) throw refused();
    const rule = rules.find(({ claim, value }) => valuesOf(payload, claim).includes(value));
    if (rule === undefined) throw new PodgateError('FORBIDDEN', 'No rule gives this token a role');
    return { actor: `oidc:${subject}`, tokenId: null, role: rule.role, clusters: rule.clusters };
  };
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE,
      requiredClaims: ['exp', 'sub'],
    });
    return payload;
  } catch (error) {
    if (isFaultOfToken(error)) throw refused(error);
    throw error instanceof PodgateError ? error : keysUnavailable(error);
  }
}

function isFaultOfToken(error: unknown): boolean {
  return error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid);
}

/** What reads the keys from where they are; where that is is found out once. */
function keysReader(issuer: string, jwksUri: string | null): () => Promise<JWTVerifyGetKey> {
  let address = jwksUri;
  return async () => {
    address ??= await discover(issuer);
    const found = await readDocument(address, 'application/json, application/jwk-set+json');
    // It throws JWKSInvalid itself where this is no key set.
    return createLocalJWKSet(found as JSONWebKeySet);
  };
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Where the issuer's keys are (OpenID Connect Discovery 1.0). */
async function discover(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = discovery.parse(await readDocument(address, 'application/json'));
  if (found.issuer !== issuer) throw new Error(`${address} is about another issuer`);
  return found.jwks_uri;
}

async function readDocument(address: string, accept: string): Promise<unknown> {
  const signal = AbortSignal.timeout(5_000);
  const response = await boundedFetch(address, { signal, redirect: 'error', headers: { accept } });
  return response.json();
}

function valuesOf(payload: JWTPayload, claim: string): readonly unknown[] {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : at(payload, claim.split('.'));
  return Array.isArray(value) ? value : [value];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null && Object.hasOwn(current, key)
        ? Reflect.get(current, key)
        : undefined,
    value,
  );
}

function refused(cause?: unknown): PodgateError {
  return new PodgateError('UNAUTHENTICATED', 'The token is not valid', { cause });
}
