import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes of one id. */
const BYTES = 16;
/** Asking the system takes as long for one id as for so many. */
const AT_ONCE = 256;
const LAST_SEQUENCE = 0xffff_ffff;

/**
 * Makes a maker of UUIDv7s that grow within a process, also within a millisecond: as `uuid` makes them, whose own source
 * of random bytes asks the system for each.
 */
export function createNewId(): () => string {
  const pool = Buffer.alloc(BYTES * AT_ONCE);
  let taken = pool.length;
  let msecs = 0;
  let seq = 0;

  function takeRandom(): Buffer {
    if (taken === pool.length) {
      randomFillSync(pool);
      taken = 0;
    }
    taken += BYTES;
    return pool.subarray(taken - BYTES, taken);
  }

  return () => {
    const random = takeRandom();
    const now = Date.now();
    if (now > msecs) {
      msecs = now;
      // The upper half is left for ids of the same millisecond.
      seq = random.readUInt32BE(6) >>> 1;
    } else if (seq < LAST_SEQUENCE) seq += 1;
    else {
      msecs += 1;
      seq = 0;
    }
    return v7({ msecs, seq, random });
  };
}
