import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readOrMakeSecret } from './secret-file.js';

/** The admin token of the data directory, and whether this start has made it. */
export interface AdminToken {
  readonly token: string;
  readonly path: string;
  readonly created: boolean;
}

const SHORTEST = 32;

/** Reads `<data dir>/admin-token`, or makes it (mode 0600) at the first start. */
export async function readOrMakeAdminToken(dataDir: string): Promise<AdminToken> {
  const path = join(dataDir, 'admin-token');
  const make = () => randomBytes(32).toString('base64url');
  const { content, created } = await readOrMakeSecret(
    path,
    make,
    (token) => token.length >= SHORTEST,
    'an admin token',
  );
  return { token: content, path, created };
}
