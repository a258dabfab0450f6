import { describe, it } from 'vitest';
import { attackCount, attackedServer, LONG, SEED, withstand } from './attacked-server.js';
import { hostileRequest } from './hostile-requests.js';
import { judgeAnswer, sender } from './http-answer.js';

describe('requests that mean no good', LONG, () => {
  it.each([SEED])('are answered as what they are (seed %i)', async (seed) => {
    const server = await attackedServer();
    const send = sender(server.base);
    await withstand(server, hostileRequest, { seed, count: attackCount(1_000) }, async (request) =>
      judgeAnswer(request, await send(request)),
    );
  });
});
