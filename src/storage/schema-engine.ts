import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
// oxlint-disable-next-line import/no-namespace -- the module itself is what the WebAssembly imports
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Pool } from 'pg';

/** Prisma's own schema engine, as WebAssembly: the one behind `prisma migrate`, without a download. */
export type SchemaEngine = engine.SchemaEngine;

/** What is used of WebAssembly: neither the library ES2023 nor Node's types declare it. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
};

let loading: Promise<void> | undefined;

/**
 * An engine that works on the pool's database; `schema` is the text of schema.prisma. The engine takes advisory locks
 * that only end with their connection: the pool should be ended after it. What the database says to a script that fails
 * is told to `onScriptError`: the engine's own error is silent about it.
 */
export async function openSchemaEngine(
  pool: Pool,
  schema: string,
  onScriptError: (error: unknown) => void = () => undefined,
): Promise<SchemaEngine> {
  loading ??= load();
  await loading;
  const adapter = bindMigrationAwareSqlAdapterFactory(scriptsAtOnce(pool, onScriptError));
  const log = () => undefined;
  return engine.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, log, adapter);
}

async function load(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = readFileSync(join(dirname(file), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  // oxlint-disable-next-line no-underscore-dangle -- wasm-bindgen's name
  engine.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') start();
}

/**
 * Prisma's adapter, but a script is sent whole. The adapter's own way splits it at every semicolon, which breaks
 * functions' bodies and commits each statement alone; sent whole it is one transaction. The engine's mark that a script
 * was run goes into the same transaction, so that a process killed in between leaves no doubt (see migrate.ts).
 */
function scriptsAtOnce(
  pool: Pool,
  onScriptError: (error: unknown) => void,
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      const adapter = await factory.connect();
      adapter.executeScript = async (script) => {
        try {
          await pool.query(`${script}\n;${MARK_RUN}`);
        } catch (error) {
          onScriptError(error);
          throw error;
        }
      };
      return adapter;
    },
  };
}

const MARK_RUN = `DO $mark$ BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    UPDATE _prisma_migrations SET applied_steps_count = 1 WHERE finished_at IS NULL AND rolled_back_at IS NULL;
  END IF;
END $mark$`;
