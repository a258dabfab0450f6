import { expect, test } from 'vitest';
import { steadily } from '../../bench/load-generator.js';

test('calls are made at their times, also where those before have not ended', async () => {
  let most = 0;
  let open = 0;
  const times = await steadily(100, 0.3, async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((done) => setTimeout(done, 100));
    open -= 1;
  });
  expect(times).toHaveLength(30);
  expect(most).toBeGreaterThan(3);
  for (const time of times) expect(time).toBeGreaterThan(90);
});

test('a call that fails ends the run with its error, and no rejection is left to end the process', async () => {
  let made = 0;
  const run = steadily(100, 1, async (number) => {
    made += 1;
    if (number >= 3) throw new Error(`refused ${number}`);
  });
  await expect(run).rejects.toThrow('refused 3');
  expect(made).toBeLessThan(100);
});
