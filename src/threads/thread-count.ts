/** Most threads of a kind. */
const MOST = 4;

/** Memory of the process for each thread of a kind: what the largest requests take while one of each kind works. */
const BYTES_PER_THREAD = 1024 ** 3;

/**
 * How many threads of a kind a process has: one core is left to the event loop, and where there is little memory (a
 * container's limit counts) large requests take turns, since several at once would have the process killed.
 */
export function threadCount(cores: number, bytes: number): number {
  return Math.max(1, Math.min(MOST, cores - 1, Math.floor(bytes / BYTES_PER_THREAD)));
}
