import type { Database } from '../../storage/database.js';
import { touchTokens } from '../../storage/tokens.js';
import { readOnly } from '../../storage/transaction.js';

/** Collects which tokens were used, so that `lastUsedAt` costs a write now and then and not one a request. */
export interface TokenUse {
  note(tokenId: string): void;
  /** Writes what was collected. */
  flush(): Promise<void>;
}

/** Makes the collection. */
export function createTokenUse(database: Database, now: () => Date): TokenUse {
  let used = new Set<string>();
  return {
    note: (tokenId) => used.add(tokenId),
    async flush() {
      if (used.size === 0) return;
      const ids = [...used];
      used = new Set();
      await touchTokens(readOnly(database), ids, now());
    },
  };
}
