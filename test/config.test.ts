import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.js';

describe('parseConfig', () => {
  it('has a default for everything', () => {
    expect(parseConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: resolve('.podgate'),
      databaseUrl: null,
      migrationDatabaseUrl: null,
      signingKey: null,
      signingKeySecret: null,
      trustedSigningKeys: [],
      rateLimits: { perAddress: null, perToken: null },
      trustedProxies: [],
      corsOrigins: [],
      oidc: null,
      adminToken: null,
      logLevel: 'info',
      bodyLimit: 3 * 1024 * 1024,
      databasePoolSize: 10,
      databaseLimits: { connect: 5_000, silence: 5_000, statement: 30_000 },
      decisionQueue: 10_000,
      publicUrl: null,
      persistedDocuments: null,
      webhook: null,
    });
  });

  it('has a webhook where certificate and key are given', () => {
    const env = { PODGATE_WEBHOOK_CERT: '/tls.crt', PODGATE_WEBHOOK_KEY: '/tls.key' };
    expect(parseConfig(env).webhook).toEqual({
      host: '0.0.0.0',
      port: 8443,
      tls: { cert: '/tls.crt', key: '/tls.key', clientCa: null },
      excludedNamespaces: ['kube-system', 'podgate'],
      journalLimit: 256 * 1024 * 1024,
    });
  });

  it('takes how long the database may take and how much may wait', () => {
    const env = {
      PODGATE_DATABASE_CONNECT_TIMEOUT: '1000',
      PODGATE_DATABASE_SILENCE_TIMEOUT: '2000',
      PODGATE_DATABASE_STATEMENT_TIMEOUT: '3000',
      PODGATE_DECISION_QUEUE: '50',
    };
    const databaseLimits = { connect: 1_000, silence: 2_000, statement: 3_000 };
    expect(parseConfig(env)).toMatchObject({ databaseLimits, decisionQueue: 50 });
  });

  it('has limits, trusted proxies and origins where they are given', () => {
    const config = parseConfig({
      PODGATE_RATE_LIMIT_ADDRESS: '6000',
      PODGATE_RATE_LIMIT_TOKEN: '600',
      PODGATE_TRUSTED_PROXIES: '10.0.0.0/8, loopback',
      PODGATE_CORS_ORIGINS: 'https://dashboard.example.com, http://localhost:3000',
    });
    expect(config).toMatchObject({
      rateLimits: { perAddress: 6000, perToken: 600 },
      trustedProxies: ['10.0.0.0/8', 'loopback'],
      corsOrigins: ['https://dashboard.example.com', 'http://localhost:3000'],
    });
  });

  it('has persisted documents where a file is given, as the list of what is allowed unless told otherwise', () => {
    const file = { PODGATE_PERSISTED_DOCUMENTS: '/etc/podgate/documents.json' };
    expect(parseConfig(file).persistedDocuments).toEqual({ file: '/etc/podgate/documents.json', only: true });
    const additional = { ...file, PODGATE_PERSISTED_DOCUMENTS_MODE: 'additional' };
    expect(parseConfig(additional).persistedDocuments?.only).toBe(false);
    const strict = { ...file, PODGATE_PERSISTED_DOCUMENTS_MODE: 'allow-list' };
    expect(parseConfig(strict).persistedDocuments?.only).toBe(true);
  });

  it('has an identity provider where issuer and audience are given', () => {
    const env = {
      PODGATE_OIDC_ISSUER: 'https://id.example.com/realm',
      PODGATE_OIDC_AUDIENCE: 'podgate',
      PODGATE_OIDC_RULES: '[{"claim":"groups","value":"platform","role":"ADMIN"}]',
    };
    expect(parseConfig(env).oidc).toEqual({
      issuer: 'https://id.example.com/realm',
      audience: 'podgate',
      jwksUri: null,
      rules: [{ claim: 'groups', value: 'platform', role: 'ADMIN', clusters: null }],
    });
  });

  it('takes what is set, and what is set to nothing as absent', () => {
    const config = parseConfig({
      PODGATE_PORT: '0',
      PODGATE_HOST: '::1',
      PODGATE_DATA_DIR: '/var/lib/podgate',
      PODGATE_ADMIN_TOKEN: '',
      DATABASE_URL: 'postgresql://podgate@db:5432/podgate',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      dataDir: '/var/lib/podgate',
      adminToken: null,
      databaseUrl: 'postgresql://podgate@db:5432/podgate',
    });
  });

  const bad: readonly [string, Record<string, string>, string][] = [
    [
      'a port that is no number',
      { PODGATE_PORT: 'http' },
      'PODGATE_PORT must be a whole number from 0 to 65535',
    ],
    ['a port beyond 65535', { PODGATE_PORT: '65536' }, 'PODGATE_PORT must be a whole number from 0 to 65535'],
    ['a port with a sign', { PODGATE_PORT: '-1' }, 'PODGATE_PORT must be a whole number from 0 to 65535'],
    [
      'a short admin token',
      { PODGATE_ADMIN_TOKEN: 'short' },
      'PODGATE_ADMIN_TOKEN must be 32 to 4096 printable characters without blanks',
    ],
    [
      'an issuer without audience',
      { PODGATE_OIDC_ISSUER: 'https://id.example.com' },
      'PODGATE_OIDC_ISSUER and PODGATE_OIDC_AUDIENCE go together: set both or none',
    ],
    [
      'rules that are none',
      { PODGATE_OIDC_RULES: '[{"claim":"groups"}]' },
      'PODGATE_OIDC_RULES must be a JSON list of {claim, value, role, clusters?}',
    ],
    [
      'a database of another kind',
      { DATABASE_URL: 'mysql://db' },
      'DATABASE_URL must be a postgres:// or postgresql:// URL',
    ],
    [
      'a certificate without a key',
      { PODGATE_WEBHOOK_CERT: '/tls.crt' },
      'PODGATE_WEBHOOK_CERT and PODGATE_WEBHOOK_KEY go together: set both or none',
    ],
    [
      'a limit that lets nothing through',
      { PODGATE_RATE_LIMIT_TOKEN: '0' },
      'PODGATE_RATE_LIMIT_TOKEN must be a whole number from 1 to 1000000000',
    ],
    [
      'a proxy that is no address',
      { PODGATE_TRUSTED_PROXIES: '10.0.0.0/8,proxy' },
      'PODGATE_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, parted by commas',
    ],
    ...['*', 'https://*.example.com', 'https://a.example/', 'HTTPS://a.example', 'null', 'a.example'].map(
      (origin): [string, Record<string, string>, string] => [
        `the origin ${origin}`,
        { PODGATE_CORS_ORIGINS: `https://good.example,${origin}` },
        'PODGATE_CORS_ORIGINS must be origins such as https://dashboard.example.com, without a path or a wildcard, parted by commas',
      ],
    ),
    [
      'a mode of persisted documents without a file',
      { PODGATE_PERSISTED_DOCUMENTS_MODE: 'allow-list' },
      'PODGATE_PERSISTED_DOCUMENTS_MODE needs PODGATE_PERSISTED_DOCUMENTS',
    ],
    [
      'an unknown mode of persisted documents',
      { PODGATE_PERSISTED_DOCUMENTS: '/documents.json', PODGATE_PERSISTED_DOCUMENTS_MODE: 'strict' },
      'PODGATE_PERSISTED_DOCUMENTS_MODE must be allow-list or additional',
    ],
    [
      'an unknown log level',
      { PODGATE_LOG_LEVEL: 'loud' },
      'PODGATE_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
    ],
  ];
  it.each(bad)('refuses %s and names the variable', (_, env, message) => {
    expect(() => parseConfig(env)).toThrow(new ConfigError([message]));
  });

  it('names every bad setting at once and repeats no value', () => {
    const env = { PODGATE_PORT: 'x', PODGATE_ADMIN_TOKEN: 'secret' };
    expect(() => parseConfig(env)).toThrow(/PODGATE_PORT.*; PODGATE_ADMIN_TOKEN/);
    expect(() => parseConfig(env)).not.toThrow(/secret/);
  });
});
