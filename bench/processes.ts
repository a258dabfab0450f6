import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.js';

/** The admin token of the servers that are measured. */
export const TOKEN = 'the-token-of-the-benchmark-0123456789';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** PostgreSQL and what is measured on it, each in a process of its own. */
export interface Processes {
  readonly dataDir: string;
  /** Starts the server; gives its base address. */
  readonly startPodgate: (environment?: Readonly<Record<string, string>>) => Promise<string>;
  /** Starts what it is compared with (bench/baseline-server.ts); gives its port. After the server, which wants an empty database. */
  readonly startBaseline: () => Promise<number>;
}

/** Runs `measure` with a PostgreSQL of its own, and stops everything that was started, also where a signal ends it. */
export async function withProcesses(measure: (processes: Processes) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'podgate-bench-'));
  chmodSync(dataDir, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir });
  const children: ChildProcess[] = [];
  const settings = {
    DATABASE_URL: postgres.url,
    PODGATE_PORT: '0',
    PODGATE_ADMIN_TOKEN: TOKEN,
    PODGATE_DATA_DIR: dataDir,
    PODGATE_LOG_LEVEL: 'warn',
  };
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
    }
  });
  try {
    const measured = measure({
      dataDir,
      startPodgate: (environment = {}) =>
        start(children, 'src/main.js', [], /listening on (\S+)$/m, { ...settings, ...environment }),
      startBaseline: async () =>
        Number(await start(children, 'bench/baseline-server.js', [postgres.url], /^(\d+)$/m)),
    });
    await Promise.race([measured, interrupted]);
  } finally {
    for (const child of children) await ended(child);
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Starts a built program and gives what it says when it is ready. */
async function start(
  children: ChildProcess[],
  program: string,
  args: readonly string[],
  ready: RegExp,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(process.execPath, [join(ROOT, 'dist', program), ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const match = ready.exec(said)?.[1];
    if (match !== undefined) return match;
  }
  throw new Error(`${program} ended before it was ready`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

/** Sends what the server is set up with; gives the answer. */
export async function send(
  base: string,
  method: 'PUT' | 'POST',
  path: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${base}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>; // every such answer is an object
}

/** Writes one JSON line, numbers with two digits. */
export function tell(line: Readonly<Record<string, unknown>>): void {
  const rounded = Object.entries(line).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`);
}
