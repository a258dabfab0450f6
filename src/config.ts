import { resolve } from 'node:path';
import { z } from 'zod';
import { type OidcSettings, oidcRules } from './access/oidc.js';
import { parseSigningKey } from './access/signing-key.js';
import { isOrigin } from './http/cors.js';
import type { RateLimitSettings } from './http/rate-limits.js';
import { trustedProxies } from './http/trusted-proxies.js';
import { parseVerifyingKey } from './model/verifying-key.js';

/** Everything that can be set from outside, checked and with its defaults. */
export interface Config {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  /** Absolute path under which Podgate makes its own subfolders. */
  readonly dataDir: string;
  /** Connection string of a PostgreSQL server; null starts the embedded one. */
  readonly databaseUrl: string | null;
  /** An admin token of the configuration's own; null: one is made at the first start. */
  readonly adminToken: string | null;
  readonly logLevel: LogLevel;
  /** Largest request body in bytes, after decompression. */
  readonly bodyLimit: number;
  /** Where migrations run, as the owner of the tables; null: where the service works, with its rights. */
  readonly migrationDatabaseUrl: string | null;
  /** The Ed25519 private key that signs checkpoints of the decision log; null: one is made at the first start. */
  readonly signingKey: string | null;
  /** Encrypts the signing key in the database, where replicas share it; null: it isn't kept there. */
  readonly signingKeySecret: string | null;
  /** Public keys whose checkpoints count too: earlier ones. */
  readonly trustedSigningKeys: readonly string[];
  /** Requests that are taken in a minute. */
  readonly rateLimits: RateLimitSettings;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may read answers. */
  readonly corsOrigins: readonly string[];
  /** The identity provider whose tokens are taken too; null: none. */
  readonly oidc: OidcSettings | null;
  /** Connections to the database. */
  readonly databasePoolSize: number;
  /** For how many milliseconds what is waited for: see the README. */
  readonly databaseLimits: { readonly connect: number; readonly silence: number; readonly statement: number };
  /** Decisions that may wait to be written; what comes then is refused. */
  readonly decisionQueue: number;
  /** The address under which people reach the REST API, without a slash at its end; null: unknown. */
  readonly publicUrl: string | null;
  /** The GraphQL documents that clients ask for by an id; null: none. */
  readonly persistedDocuments: PersistedDocumentsConfig | null;
  /** The admission webhook's listener; null: not started. */
  readonly webhook: WebhookConfig | null;
}

/** Where GraphQL documents are that clients ask for by an id. */
export interface PersistedDocumentsConfig {
  /** Absolute path of the file. */
  readonly file: string;
  /** Whether no other documents are answered. */
  readonly only: boolean;
}

/** What API servers call. */
export interface WebhookConfig {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  readonly tls: {
    /** Files with the certificate and its key, in PEM. */
    readonly cert: string;
    readonly key: string;
    /** File with the authorities whose client certificates may call; null: none may. */
    readonly clientCa: string | null;
  };
  /** Namespaces of which every object is let through unseen. */
  readonly excludedNamespaces: readonly string[];
  /** Bytes of decisions that are kept on disk at most while the database is away. */
  readonly journalLimit: number;
}

/** From which level on lines are logged: pino's names. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** All bad settings of a start at once, a line each. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'ConfigError';
  }
}

const MIB = 1024 * 1024;

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** A list whose entries are parted by commas; empty where it isn't set. */
const list = (isGood: (entry: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.every(isGood), message)
    .default([]);

const path = z.string().min(1, 'must be a path').nullable().default(null);

const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'must be an http:// or https:// URL')
  .nullable()
  .default(null);

const postgresUrl = z
  .string()
  .refine(
    (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
    'must be a postgres:// or postgresql:// URL',
  )
  .nullable()
  .default(null);

const environment = z
  .object({
    PODGATE_HOST: z.string().min(1, 'must be an address').default('127.0.0.1'),
    PODGATE_PORT: integer(0, 65_535).default(8080),
    PODGATE_DATA_DIR: z.string().min(1, 'must be a path').default('.podgate'),
    PODGATE_ADMIN_TOKEN: z
      .string()
      .regex(/^[\x21-\x7e]{32,4096}$/, 'must be 32 to 4096 printable characters without blanks')
      .nullable()
      .default(null),
    PODGATE_LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'must be one of fatal, error, warn, info, debug, trace, silent',
      })
      .default('info'),
    PODGATE_BODY_LIMIT: integer(1024, 256 * MIB).default(3 * MIB),
    PODGATE_DATABASE_POOL: integer(2, 500).default(10),
    PODGATE_DATABASE_CONNECT_TIMEOUT: integer(100, 60_000).default(5_000),
    PODGATE_DATABASE_SILENCE_TIMEOUT: integer(200, 60_000).default(5_000),
    PODGATE_DATABASE_STATEMENT_TIMEOUT: integer(100, 600_000).default(30_000),
    PODGATE_DECISION_QUEUE: integer(1, 1_000_000).default(10_000),
    PODGATE_SIGNING_KEY: z
      .string()
      .refine(
        (text) => passes(() => parseSigningKey(text)),
        'must be an Ed25519 private key, PKCS #8 in PEM or its seed of 32 bytes in base64',
      )
      .nullable()
      .default(null),
    PODGATE_SIGNING_KEY_SECRET: z
      .string()
      .regex(/^[\x20-\x7e]{16,512}$/, 'must be 16 to 512 printable characters')
      .nullable()
      .default(null),
    PODGATE_TRUSTED_SIGNING_KEYS: list(
      (key) => passes(() => parseVerifyingKey(key)),
      'must be Ed25519 public keys in PEM or base64, parted by commas',
    ),
    PODGATE_RATE_LIMIT_ADDRESS: integer(1, 1_000_000_000).nullable().default(null),
    PODGATE_RATE_LIMIT_TOKEN: integer(1, 1_000_000_000).nullable().default(null),
    PODGATE_TRUSTED_PROXIES: list(
      (address) => passes(() => trustedProxies([address])),
      'must be addresses or networks such as 10.0.0.0/8, parted by commas',
    ),
    PODGATE_CORS_ORIGINS: list(
      isOrigin,
      'must be origins such as https://dashboard.example.com, without a path or a wildcard, parted by commas',
    ),
    PODGATE_MIGRATION_DATABASE_URL: postgresUrl,
    PODGATE_OIDC_ISSUER: httpUrl,
    PODGATE_OIDC_AUDIENCE: z.string().min(1, 'must be a text').nullable().default(null),
    PODGATE_OIDC_JWKS_URI: httpUrl,
    PODGATE_OIDC_RULES: z
      .string()
      .transform((text, context) => {
        const rules = oidcRules(text);
        if (rules !== null) return rules;
        context.addIssue({
          code: 'custom',
          message: 'must be a JSON list of {claim, value, role, clusters?}',
        });
        return z.NEVER;
      })
      .default([]),
    PODGATE_PUBLIC_URL: httpUrl,
    PODGATE_PERSISTED_DOCUMENTS: path,
    PODGATE_PERSISTED_DOCUMENTS_MODE: z
      .enum(['allow-list', 'additional'], { error: 'must be allow-list or additional' })
      .nullable()
      .default(null),
    PODGATE_WEBHOOK_HOST: z.string().min(1, 'must be an address').default('0.0.0.0'),
    PODGATE_WEBHOOK_PORT: integer(0, 65_535).default(8443),
    PODGATE_WEBHOOK_CERT: path,
    PODGATE_WEBHOOK_KEY: path,
    PODGATE_WEBHOOK_CLIENT_CA: path,
    PODGATE_WEBHOOK_JOURNAL_LIMIT: integer(1024, 1024 * 1024 * MIB).default(256 * MIB),
    PODGATE_WEBHOOK_EXCLUDED_NAMESPACES: z
      .string()
      .regex(/^ *[-a-z0-9]+( *, *[-a-z0-9]+)* *$/, 'must be names of namespaces, separated by commas')
      .default('kube-system,podgate'),
    DATABASE_URL: postgresUrl,
  })
  .refine(
    (settings) => (settings.PODGATE_WEBHOOK_CERT === null) === (settings.PODGATE_WEBHOOK_KEY === null),
    { path: ['PODGATE_WEBHOOK_CERT'], message: 'and PODGATE_WEBHOOK_KEY go together: set both or none' },
  )
  .refine(
    (settings) => settings.PODGATE_SIGNING_KEY === null || settings.PODGATE_SIGNING_KEY_SECRET === null,
    { path: ['PODGATE_SIGNING_KEY'], message: 'and PODGATE_SIGNING_KEY_SECRET exclude each other: set one' },
  )
  .refine(
    (settings) =>
      settings.PODGATE_PERSISTED_DOCUMENTS_MODE === null || settings.PODGATE_PERSISTED_DOCUMENTS !== null,
    { path: ['PODGATE_PERSISTED_DOCUMENTS_MODE'], message: 'needs PODGATE_PERSISTED_DOCUMENTS' },
  )
  .refine(
    (settings) => (settings.PODGATE_OIDC_ISSUER === null) === (settings.PODGATE_OIDC_AUDIENCE === null),
    { path: ['PODGATE_OIDC_ISSUER'], message: 'and PODGATE_OIDC_AUDIENCE go together: set both or none' },
  );

/**
 * Reads the settings from the environment. A variable that is set to nothing counts as absent. Throws
 * {@link ConfigError} that names every bad one; values are not repeated, since they may be secret.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const parsed = environment.safeParse(Object.fromEntries(present));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  }
  const settings = parsed.data;
  return {
    host: settings.PODGATE_HOST,
    port: settings.PODGATE_PORT,
    dataDir: resolve(settings.PODGATE_DATA_DIR),
    databaseUrl: settings.DATABASE_URL,
    adminToken: settings.PODGATE_ADMIN_TOKEN,
    logLevel: settings.PODGATE_LOG_LEVEL,
    bodyLimit: settings.PODGATE_BODY_LIMIT,
    migrationDatabaseUrl: settings.PODGATE_MIGRATION_DATABASE_URL,
    signingKey: settings.PODGATE_SIGNING_KEY,
    signingKeySecret: settings.PODGATE_SIGNING_KEY_SECRET,
    trustedSigningKeys: settings.PODGATE_TRUSTED_SIGNING_KEYS,
    rateLimits: {
      perAddress: settings.PODGATE_RATE_LIMIT_ADDRESS,
      perToken: settings.PODGATE_RATE_LIMIT_TOKEN,
    },
    trustedProxies: settings.PODGATE_TRUSTED_PROXIES,
    corsOrigins: settings.PODGATE_CORS_ORIGINS,
    oidc: oidcSettings(settings),
    databasePoolSize: settings.PODGATE_DATABASE_POOL,
    databaseLimits: {
      connect: settings.PODGATE_DATABASE_CONNECT_TIMEOUT,
      silence: settings.PODGATE_DATABASE_SILENCE_TIMEOUT,
      statement: settings.PODGATE_DATABASE_STATEMENT_TIMEOUT,
    },
    decisionQueue: settings.PODGATE_DECISION_QUEUE,
    publicUrl: settings.PODGATE_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    persistedDocuments: persistedDocumentsConfig(settings),
    webhook: webhookConfig(settings),
  };
}

function persistedDocumentsConfig(settings: z.output<typeof environment>): PersistedDocumentsConfig | null {
  const { PODGATE_PERSISTED_DOCUMENTS: file, PODGATE_PERSISTED_DOCUMENTS_MODE: mode } = settings;
  return file === null ? null : { file: resolve(file), only: mode !== 'additional' };
}

function webhookConfig(settings: z.output<typeof environment>): WebhookConfig | null {
  const { PODGATE_WEBHOOK_CERT: cert, PODGATE_WEBHOOK_KEY: key } = settings;
  if (cert === null || key === null) return null;
  return {
    host: settings.PODGATE_WEBHOOK_HOST,
    port: settings.PODGATE_WEBHOOK_PORT,
    tls: { cert, key, clientCa: settings.PODGATE_WEBHOOK_CLIENT_CA },
    excludedNamespaces: settings.PODGATE_WEBHOOK_EXCLUDED_NAMESPACES.split(',').map((name) => name.trim()),
    journalLimit: settings.PODGATE_WEBHOOK_JOURNAL_LIMIT,
  };
}

function oidcSettings(settings: z.output<typeof environment>): OidcSettings | null {
  const { PODGATE_OIDC_ISSUER: issuer, PODGATE_OIDC_AUDIENCE: audience } = settings;
  if (issuer === null || audience === null) return null;
  return { issuer, audience, jwksUri: settings.PODGATE_OIDC_JWKS_URI, rules: settings.PODGATE_OIDC_RULES };
}

function passes(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
