import type { Request, RequestHandler } from 'express';
import { type AugmentedRequest, ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { PodgateError } from '../model/errors.js';
import type { Principal } from '../model/principal.js';
import { principalOf } from './request-context.js';

/** How many requests are taken in a minute; null: any number. */
export interface RateLimitSettings {
  readonly perAddress: number | null;
  readonly perToken: number | null;
}

/** One limit, for requests and for what isn't one to Express. */
interface RateLimit<Of> {
  /**
   * What counts a request and tells the count in `RateLimit` and `RateLimit-Policy`; throws TOO_MANY_REQUESTS. None where
   * there is no limit.
   */
  readonly handlers: readonly RequestHandler[];
  /** Counts one more in the same window; the error for the answer where there were too many. */
  readonly count: (of: Of) => Promise<PodgateError | null>;
}

/** The limits of one process, counted in its memory. */
export interface RateLimits {
  /** Of an address: counted before the token is looked at. */
  readonly address: RateLimit<string>;
  /** Of a token, an identity provider's subject or the administrator: counted once it is known who asks. */
  readonly token: RateLimit<Principal>;
}

const WINDOW_MS = 60_000;

/**
 * Makes the limits, with windows of a minute that begin with an address's or a token's first request. The headers are
 * those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers-08).
 */
export function createRateLimits({ perAddress, perToken }: RateLimitSettings): RateLimits {
  return {
    address: limitOf('address', perAddress, addressKey, (request) => request.ip ?? ''),
    token: limitOf('token', perToken, ({ tokenId, actor }: Principal) => tokenId ?? actor, principalOf),
  };
}

/** One client has as many addresses of its IPv6 network as it likes. */
function addressKey(address: string): string {
  return address === '' ? address : ipKeyGenerator(address);
}

function limitOf<Of>(
  identifier: keyof typeof OF,
  limit: number | null,
  keyOf: (of: Of) => string,
  whose: (request: Request) => Of,
): RateLimit<Of> {
  if (limit === null) return { handlers: [], count: async () => null };
  const store = new MemoryStore();
  const refusal = (resetTime: Date | undefined) => {
    const left = (resetTime?.getTime() ?? 0) - Date.now();
    const message = `More than ${limit} requests in a minute ${OF[identifier]}`;
    const retryAfterSeconds = Math.max(1, Math.ceil(left / 1000));
    return new PodgateError('TOO_MANY_REQUESTS', message, { retryAfterSeconds });
  };
  const handler = rateLimit({
    windowMs: WINDOW_MS,
    limit,
    store,
    identifier,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => keyOf(whose(request)),
    handler: (request, _response, next) => {
      next(refusal((request as AugmentedRequest)['rateLimit']?.resetTime));
    },
  });
  return {
    handlers: [handler],
    async count(of) {
      const { totalHits, resetTime } = await store.increment(keyOf(of));
      return totalHits > limit ? refusal(resetTime) : null;
    },
  };
}

const OF = { address: 'from this address', token: 'with this token' } as const;
