import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { EvaluatedRun } from '../report/evaluated-file.js';
import { REPORT_FORMATS, renderReport, type ReportFormat } from '../report/render.js';
import { UsageError } from './exit-code.js';
import type { Terminal } from './terminal.js';
import { messageOf } from './error-message.js';

/** A report that is wanted, and where it goes. */
export interface Output {
  readonly format: ReportFormat;
  /** null: standard output. */
  readonly file: string | null;
}

/** Reads `FORMAT` and `FORMAT=FILE`; none is text on standard output. Throws {@link UsageError}. */
export function parseOutputs(wanted: readonly string[]): readonly Output[] {
  if (wanted.length === 0) return [{ format: 'text', file: null }];
  const outputs = wanted.map((text): Output => {
    const [, name, file] = /^([^=]*)(?:=(.*))?$/.exec(text) ?? [];
    const format = REPORT_FORMATS.find((known) => known === name);
    if (format === undefined) {
      throw new UsageError(
        `--output must be one of ${REPORT_FORMATS.join(', ')}, not ${JSON.stringify(name)}`,
      );
    }
    if (file === '') throw new UsageError(`--output ${format}= lacks the name of the file`);
    return { format, file: file === undefined || file === '-' ? null : file };
  });
  if (outputs.filter(({ file }) => file === null).length > 1) {
    throw new UsageError('only one --output can go to standard output: write --output FORMAT=FILE');
  }
  return outputs;
}

/** Writes each report to its place, making the folders that are missing. Throws {@link UsageError}. */
export async function writeOutputs(
  outputs: readonly Output[],
  run: EvaluatedRun,
  terminal: Terminal,
  directory: string,
): Promise<void> {
  for (const { format, file } of outputs) {
    if (file === null) {
      terminal.write(renderReport(format, run, terminal));
      continue;
    }
    const path = resolve(directory, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, renderReport(format, run, { colours: false }));
    } catch (error) {
      throw new UsageError(`${file} can not be written: ${messageOf(error)}`);
    }
  }
}
