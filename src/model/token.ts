import type { Role } from './principal.js';

/** An access token as it is kept: never the secret itself. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Names of clusters; null: all. */
  readonly clusters: readonly string[] | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}
