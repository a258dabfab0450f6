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
  let used = new Map<string, Date>();
  return {
    note: (tokenId) => void used.set(tokenId, now()),
    async flush() {
      if (used.size === 0) return;
      const uses = used;
      used = new Map();
      try {
        await touchTokens(readOnly(database), uses);
      } catch (error) {
        used = new Map([...uses, ...used]); // for the next time
        throw error;
      }
    },
  };
}
