import { open } from 'node:fs/promises';
import type { RefusalCode } from '../kubernetes/input-problem.js';
import type { ManifestFormat, Manifests } from '../kubernetes/manifests.js';
import { parseManifests } from '../kubernetes/manifests.js';
import type { UnreadableFile } from '../report/evaluated-file.js';
import type { ManifestPath } from './manifest-paths.js';
import { messageOf } from './error-message.js';

/** A file that is YAML or JSON and holds objects. */
export interface ReadFile {
  readonly file: string;
  readonly body: Uint8Array;
  readonly format: ManifestFormat;
  readonly manifests: Manifests;
  /** Found in a folder rather than named. */
  readonly found: boolean;
}

/** A file as it was read, or why it can't be. */
export type FileReading =
  | { readonly ok: true; readonly read: ReadFile }
  | { readonly ok: false; readonly unreadable: UnreadableFile };

const MIB = 1024 * 1024;
/** Larger files are no manifests. */
export const MOST_BYTES = 50 * MIB;

/** Reads and parses a file, or says what is wrong with it and where. Never throws. */
export async function readManifestFile(
  { file, path, found }: ManifestPath,
  readInput: () => Promise<Uint8Array>,
): Promise<FileReading> {
  const refuse = (message: string, problems: UnreadableFile['problems'] = []): FileReading => ({
    ok: false,
    unreadable: { file, message, problems },
  });
  let body: Uint8Array;
  try {
    body = path === null ? await readInput() : await readBounded(path);
  } catch (error) {
    return refuse(messageOf(error));
  }
  if (body.length > MOST_BYTES) return refuse(`larger than ${MOST_BYTES / MIB} MiB: this is no manifest`);
  if (body.length === 0) return refuse('the file is empty');
  if (isBinary(body)) return refuse('binary data: this is no manifest');
  const format = formatOf(file, body);
  const manifests = parseManifests(body, format);
  if (!manifests.ok) {
    const helm = unrenderedTemplate(body);
    if (helm !== null) return refuse(HELM, [helm]);
    return refuse(refusalMessage(manifests.code, format), manifests.problems);
  }
  if (manifests.documents.length === 0) return refuse('the file holds no object');
  return { ok: true, read: { file, body, format, manifests, found } };
}

function refusalMessage(code: RefusalCode, format: ManifestFormat): string {
  if (code === 'MALFORMED') return `this is no valid ${format.toUpperCase()}`;
  return code === 'TOO_LARGE' ? 'there are too many objects in the file' : 'this is no Kubernetes manifest';
}

const HELM = 'this is a Helm template, to be rendered first: helm template CHART | podgate evaluate -';

/** A huge file isn't read to be refused. */
async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES / MIB} MiB: this is no manifest`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A NUL byte, which neither YAML nor JSON has; UTF-16 with its mark is text. */
function isBinary(body: Uint8Array): boolean {
  const marked = (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);
  return !marked && body.subarray(0, 8192).includes(0);
}

/** As kubectl: text that begins with a brace is JSON, except where its name says otherwise. */
function formatOf(file: string, body: Uint8Array): ManifestFormat {
  if (/\.ya?ml$/i.test(file)) return 'yaml';
  if (/\.json$/i.test(file)) return 'json';
  return /^\s*(?:\{(?!\{)|\[)/.test(new TextDecoder().decode(body.subarray(0, 1024))) ? 'json' : 'yaml';
}

/** Where the first action of a template stands, in a text that could not be read as it is. */
function unrenderedTemplate(body: Uint8Array) {
  const before = /^[^]*?(?=\{\{[^]*?\}\})/.exec(new TextDecoder().decode(body));
  if (before === null) return null;
  const lines = before[0].split('\n');
  return { message: 'an action of a template', line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
