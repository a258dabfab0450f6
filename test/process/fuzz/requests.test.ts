import { describe, it } from 'vitest';
import { TOKEN } from '../../failures/load.js';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';
import { type HostileRequest, hostileRequest } from './hostile-requests.js';

async function send(base: string, { method, path, headers, body }: HostileRequest): Promise<number> {
  const init = { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } };
  const response = await fetch(base + path, body === null ? init : { ...init, body });
  await response.arrayBuffer();
  return response.status;
}

describe('requests that mean no good', LONG, () => {
  it.each([SEED])('are answered without a 5xx (seed %i)', async (seed) => {
    const server = await attackedServer();
    await withstand(server, hostileRequest, { seed, count: attackCount(1_000) }, async (request) => {
      const status = await send(server.base, request);
      return status >= 500 ? `answers ${status}` : null;
    });
  });
});
