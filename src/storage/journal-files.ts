import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The numbered files of a journal: text is added to the last one, and those before it are read and removed. */
export interface JournalFiles {
  /** Whether there is any. */
  readonly isEmpty: () => boolean;
  /** Adds text; it is on disk when this resolves. Rejects where that fails or the files would have too many bytes. */
  write(text: string): Promise<void>;
  /** Lets what follows go to a new file, and closes this one after `writing`. Gives the files that are complete then. */
  rotate(writing: Promise<void> | null): Promise<readonly number[]>;
  read(number: number): Promise<string>;
  remove(number: number): Promise<void>;
  /** Takes a file out and keeps it under another name, which nothing ever takes from it. Gives its path. */
  keepAside(number: number): Promise<string>;
}

const FILE = /^(\d{10})\.journal$/;
const ASIDE = /^(\d{10})\.journal\.damaged$/;

/** Opens the files of a folder, which is made where it isn't there. */
export function openJournalFiles(folder: string, limit: number): JournalFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (number: number) => join(folder, `${String(number).padStart(10, '0')}.journal`);
  const files = numbersOf(folder, FILE);
  const aside = new Set(numbersOf(folder, ASIDE));
  // A number is never used again: a file that is kept aside bears it on.
  let last = Math.max(0, ...files, ...aside);
  const sizes = new Map(files.map((number) => [number, statSync(pathOf(number)).size]));
  let current: FileHandle | null = null;

  function forget(number: number): void {
    files.splice(files.indexOf(number), 1);
    sizes.delete(number);
  }

  return {
    isEmpty: () => files.length === 0,
    async write(text) {
      const size = Buffer.byteLength(text);
      const used = [...sizes.values()].reduce((sum, each) => sum + each, 0);
      if (used + size > limit) throw new Error(`the journal has its ${limit} bytes`);
      if (current === null) {
        const number = (last += 1);
        current = await open(pathOf(number), 'ax', 0o600);
        files.push(number);
      }
      const number = files.at(-1) ?? 0;
      sizes.set(number, (sizes.get(number) ?? 0) + size);
      const file = current;
      await file.appendFile(text);
      await file.datasync();
    },
    async rotate(writing) {
      const complete = [...files];
      const closing = current;
      current = null;
      await writing;
      await closing?.close().catch(() => undefined);
      return complete;
    },
    read: (number) => readFile(pathOf(number), 'utf8'),
    async remove(number) {
      await unlink(pathOf(number));
      forget(number);
    },
    async keepAside(number) {
      // Earlier versions of Podgate have used a number again, so that one of theirs may be aside under it.
      const free = aside.has(number) ? (last += 1) : number;
      const path = `${pathOf(free)}.damaged`;
      await rename(pathOf(number), path);
      aside.add(free);
      forget(number);
      return path;
    },
  };
}

function numbersOf(folder: string, form: RegExp): number[] {
  const numbers = readdirSync(folder).flatMap((name) => form.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}
