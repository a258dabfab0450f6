import type { AppendRequest, AppendResult } from './append-decisions.js';

/** A request that waits to be recorded. */
export interface Waiting extends AppendRequest {
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
  /** Gives it up when it has waited for too long; cleared when it is sent. */
  readonly patience: NodeJS.Timeout;
  /** It is answered: it may not be recorded any more. */
  isGivenUp: boolean;
}

/** The requests that no writer has taken yet. */
export interface AppendQueue {
  add(waiting: Waiting): void;
  /** Takes one out, if it is still in. */
  remove(waiting: Waiting): void;
  /** How many decisions wait. */
  decisions(): number;
  /** The requests of clusters that no writer is at, oldest first, up to the size of a commit; null for none. */
  take(): { readonly batch: readonly Waiting[]; readonly release: () => void } | null;
}

/** Makes the queue; a commit has so many decisions at most, or a single request. */
export function createAppendQueue(perCommit: number): AppendQueue {
  const busy = new Set<string>();
  let queue: Waiting[] = [];
  let decisions = 0;
  return {
    add(waiting) {
      queue.push(waiting);
      decisions += waiting.decisions.length;
    },
    remove(waiting) {
      const place = queue.indexOf(waiting); // it is the oldest, most often
      if (place < 0) return;
      queue.splice(place, 1);
      decisions -= waiting.decisions.length;
    },
    decisions: () => decisions,
    take() {
      const batch: Waiting[] = [];
      const rest: Waiting[] = [];
      let size = 0;
      for (const waiting of queue) {
        const fits = batch.length === 0 || size + waiting.decisions.length <= perCommit;
        if (busy.has(waiting.clusterId) || !fits) rest.push(waiting);
        else {
          batch.push(waiting);
          size += waiting.decisions.length;
        }
      }
      queue = rest;
      decisions -= size;
      if (batch.length === 0) return null;
      const clusters = new Set(batch.map(({ clusterId }) => clusterId));
      for (const cluster of clusters) busy.add(cluster);
      const release = () => {
        for (const cluster of clusters) busy.delete(cluster);
      };
      return { batch, release };
    },
  };
}
