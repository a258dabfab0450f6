import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exactJson } from '../../model/exact-json.js';
import { type JsonObject, member } from '../../kubernetes/json-value.js';
import { NotAnExport } from '../../model/log-export.js';
import { type ExportVerification, verifyExport } from '../../model/verify-export.js';
import { parseVerifyingKeys, type VerifyingKey } from '../../model/verifying-key.js';
import { objectAnswer, shown } from '../answers.js';
import type { Command, CommandContext } from '../command.js';
import { CLUSTER_OPTION, connect, CONNECTION_OPTIONS, requireCluster } from '../connection.js';
import { messageOf } from '../error-message.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { readLines } from '../read-lines.js';

/** `podgate audit verify`. */
export const auditVerifyCommand: Command = {
  name: 'audit verify',
  summary: "Check that nothing in a cluster's log of decisions was altered or removed",
  arguments: '--cluster NAME [OPTIONS] | FILE --key FILE [OPTIONS]',
  description: [
    'Every decision bears a number without gaps and a hash over itself and the one before. Exit code 1 where the chain\nis broken; the first decision that is missing, altered or out of order is named.',
    'With FILE no server and no database is asked: FILE is an export with proof (…/decisions/export?proof=true), also\ncompressed with gzip; - is standard input. It counts up to its last signed checkpoint, whose time is told.',
  ],
  options: {
    ...CONNECTION_OPTIONS,
    ...CLUSTER_OPTION,
    key: {
      value: 'FILE',
      multiple: true,
      help: 'Public keys that may have signed an export: PEM, or the answer of /v1/signing-keys',
    },
    json: { help: 'What was found as JSON' },
  },
  examples: [
    { call: 'podgate audit verify --cluster prod-eu', meaning: 'As a nightly job' },
    { call: 'podgate audit verify prod-eu.ndjson.gz --key podgate.pub', meaning: 'Far from the server' },
  ],
  run: (context) => (context.positionals.length > 0 ? verifyFile(context) : askServer(context)),
};

async function askServer(context: CommandContext): Promise<ExitCode> {
  if (context.settings.texts('key').length > 0) throw new UsageError('--key goes with FILE only');
  const cluster = requireCluster(context);
  const client = await connect(context);
  const path = `/v1/clusters/${encodeURIComponent(cluster)}/decisions/verify`;
  const answer = objectAnswer(await client.get(path));
  return tell(context, answer, cluster, 'the chain is whole');
}

async function verifyFile(context: CommandContext): Promise<ExitCode> {
  const { positionals, settings } = context;
  const [file = '', ...others] = positionals;
  if (others.length > 0) throw new UsageError('only one FILE can be verified at a time');
  const files = settings.texts('key');
  if (files.length === 0) {
    throw new UsageError('signed with which key? Give --key FILE with the public key (GET /v1/signing-keys)');
  }
  const keys = await Promise.all(files.map((key) => readKeys(key, context.directory)));
  const found = await verifyLines(file, keys.flat(), context);
  return tell(context, answerOf(found), found.cluster, wholeUpTo(found));
}

async function verifyLines(
  file: string,
  keys: readonly VerifyingKey[],
  context: CommandContext,
): Promise<ExportVerification> {
  try {
    return await verifyExport(readLines(file, context), keys);
  } catch (error) {
    if (!(error instanceof NotAnExport)) throw error;
    throw new UsageError(`${file} can not be verified: ${error.message}`, [
      'see: GET /v1/clusters/{cluster}/decisions/export?proof=true',
    ]);
  }
}

async function readKeys(file: string, directory: string): Promise<readonly VerifyingKey[]> {
  const text = await readFile(resolve(directory, file), 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} can not be read: ${messageOf(error)}`);
  });
  try {
    return parseVerifyingKeys(text);
  } catch (error) {
    throw new UsageError(`${file} is no Ed25519 public key: ${messageOf(error)}`);
  }
}

/** As the server's answer, with the checkpoint up to which the export counts. */
function answerOf({ valid, checked, firstProblem, lastCheckpoint }: ExportVerification): JsonObject {
  return {
    valid,
    checked: Number(checked),
    firstProblem: firstProblem && { ...firstProblem, sequence: String(firstProblem.sequence) },
    lastCheckpoint: lastCheckpoint && {
      sequence: String(lastCheckpoint.sequence),
      signedAt: lastCheckpoint.signedAt.toISOString(),
      keyId: lastCheckpoint.keyId,
    },
  };
}

function wholeUpTo({ lastCheckpoint }: ExportVerification): string {
  if (lastCheckpoint === null) return 'the log was empty';
  const { sequence, signedAt, keyId } = lastCheckpoint;
  return `the chain is whole up to ${sequence}, signed at ${signedAt.toISOString()} with ${keyId}`;
}

function tell(
  { settings, terminal }: CommandContext,
  answer: JsonObject,
  cluster: string,
  whole: string,
): ExitCode {
  const valid = member(answer, 'valid') === true;
  const problem = member(answer, 'firstProblem') ?? null;
  if (settings.flag('json')) terminal.line(exactJson(answer));
  else if (valid) terminal.line(`${shown(answer, 'checked')} decisions of ${cluster} checked: ${whole}`);
  else terminal.line(`the log of ${cluster} is NOT whole: ${exactJson(problem)}`);
  return valid ? EXIT.ok : EXIT.denied;
}
