import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeCase } from './decode.js';
import { parseJson, readLines, writeJson } from './json-lines.js';
import { answer } from './result.js';

const VECTORS = fileURLToPath(new URL('vectors', import.meta.url));

/** Answers of a Kubernetes 1.20 API server's own PodSecurityPolicy admission. */
describe('conformance with a Kubernetes API server', () => {
  it.each([
    ['psp-open', 4000],
    ['psp-corners', 610],
  ])('gives every answer of %s', async (name, count) => {
    const expected = readLines(`${VECTORS}/${name}.expected.ndjson.gz`);
    let compared = 0;
    for await (const line of readLines(`${VECTORS}/${name}.ndjson.gz`)) {
      const next = await expected.next();
      // Through JSON and back, so that both sides are plain data.
      const result = parseJson(writeJson(answer(decodeCase(parseJson(line)))));
      expect(result).toEqual(parseJson(next.value ?? 'null'));
      compared++;
    }
    expect(compared).toBe(count);
  });

  it('answers a case in which nearly everything is absent', () => {
    expect(answer(decodeCase({ id: 'x', policies: [{ spec: {} }], pod: {} }))).toHaveProperty('policyErrors');
    expect(answer(decodeCase({ id: 'y', pod: {} }))).toMatchObject({
      allowed: false,
      policy: null,
      perPolicy: [],
    });
  });
});
