import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeCertificate } from '../certificate/make-certificate.js';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-code.js';

/** A name of DNS or an address. */
const HOST = /^[A-Za-z0-9*]([-A-Za-z0-9.:]{0,251}[A-Za-z0-9])?$/;
/** Names of the certificate's files and its authority's. */
const FILES = { server: ['tls', 'ca'], client: ['client', 'client-ca'] } as const;
const MOST_DAYS = 36_500;

/** `podgate certificate`. */
export const certificateCommand: Command = {
  name: 'certificate',
  summary: "Make a certificate for the webhook's listener",
  arguments: '--host NAME [--host NAME ...] | --client NAME [OPTIONS]',
  takesOptionsOnly: true,
  description: [
    'Writes tls.crt and tls.key for PODGATE_WEBHOOK_CERT and PODGATE_WEBHOOK_KEY, and ca.crt for\n`podgate install --ca-file`. The authority signs this one certificate; its key is not kept.',
    'With --client, writes client.crt and client.key for the kubeconfig with which an API server calls, and\nclient-ca.crt for PODGATE_WEBHOOK_CLIENT_CA.',
  ],
  options: {
    host: {
      value: 'NAME',
      multiple: true,
      help: 'A name or address under which the API server calls, such as podgate.podgate.svc',
    },
    client: { value: 'NAME', help: 'The name of an API server that shall identify itself by a certificate' },
    days: { value: 'DAYS', help: 'For how long it is valid (default: 825)' },
    out: { value: 'FOLDER', help: 'Where the files are written to (default: here)' },
  },
  examples: [
    { call: 'podgate certificate --host podgate.podgate.svc', meaning: 'For a Service in a cluster' },
  ],
  async run({ settings, terminal, directory }) {
    const client = settings.text('client');
    const hosts = client === undefined ? settings.texts('host') : [client];
    const days = Number(settings.text('days') ?? '825');
    if (client !== undefined && settings.texts('host').length > 0) {
      throw new UsageError('--host and --client make two certificates: give one of them');
    }
    if (hosts.length === 0) throw new UsageError('for which name? Give --host NAME');
    const wrong = hosts.find((host) => !HOST.test(host));
    if (wrong !== undefined) throw new UsageError(`${JSON.stringify(wrong)} is no name or address`);
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
      throw new UsageError(`--days must be a whole number from 1 to ${MOST_DAYS}`);
    }
    const folder = resolve(directory, settings.text('out') ?? '.');
    const holder = client === undefined ? 'server' : 'client';
    const made = makeCertificate({ hosts, holder, notBefore: new Date(), days });
    const [name, authority] = FILES[holder];
    await mkdir(folder, { recursive: true });
    await writeNew([
      { path: join(folder, `${name}.crt`), content: made.certificate, mode: 0o666 },
      { path: join(folder, `${name}.key`), content: made.key, mode: 0o600 },
      { path: join(folder, `${authority}.crt`), content: made.authority, mode: 0o666 },
    ]);
    terminal.note(`${name}.crt, ${name}.key and ${authority}.crt are in ${folder}`);
    return EXIT.ok;
  },
};

interface NewFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/**
 * Writes files, none of which may be there yet: who trusts an authority that is replaced trusts none of its certificates
 * any more, and a key goes with one certificate only.
 */
async function writeNew(files: readonly NewFile[]): Promise<void> {
  const there = files.find(({ path }) => existsSync(path));
  if (there !== undefined) {
    throw new UsageError(`${there.path} is there already: give --out with another folder, or remove it`);
  }
  for (const { path, content, mode } of files) await writeFile(path, content, { mode, flag: 'wx' });
}
