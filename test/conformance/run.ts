/**
 * `npm run --silent conformance -- FILE… [--check EXPECTED]`: the engine alone against cases with known answers.
 * Writes one result a case to standard output, or with `--check` compares them and exits 1 if any differs.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { decodeCase } from './decode.js';
import { parseJson, readLines, writeJson } from './json-lines.js';
import { answer } from './result.js';

/** So many differences are printed in full. */
const SHOWN = 5;

async function* answers(files: readonly string[]): AsyncGenerator<object> {
  for (const file of files) {
    for await (const line of readLines(file)) yield answer(decodeCase(parseJson(line)));
  }
}

async function write(files: readonly string[]): Promise<void> {
  for await (const result of answers(files)) {
    if (!process.stdout.write(`${writeJson(result)}\n`)) {
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
}

/** Compares line by line; a result without an expectation, or the other way round, is a failure. */
async function check(files: readonly string[], expectedFile: string): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  const expectations = readLines(expectedFile);
  const fail = (expected: string | undefined, result: object | undefined) => {
    failed++;
    if (failed > SHOWN) return;
    console.log(`expected ${expected ?? 'nothing'}`);
    console.log(`     got ${result === undefined ? 'nothing' : writeJson(result)}`);
  };
  for await (const result of answers(files)) {
    const next = await expectations.next();
    const line = next.done === true ? undefined : next.value;
    // Written and read again, so that both sides have gone through JSON.
    if (line !== undefined && isDeepStrictEqual(parseJson(line), parseJson(writeJson(result)))) passed++;
    else fail(line, result);
  }
  for await (const line of expectations) fail(line, undefined);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'string' } } });
if (positionals.length === 0) {
  console.error('usage: conformance FILE… [--check EXPECTED]   (- is standard input, .gz is unpacked)');
  process.exitCode = 2;
} else if (values.check === undefined) {
  await write(positionals);
} else if (!(await check(positionals, values.check))) {
  process.exitCode = 1;
}
