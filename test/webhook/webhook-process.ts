import { mkdirSync, writeFileSync } from 'node:fs';
import { type Agent, request } from 'node:https';
import { join } from 'node:path';
import { makeCertificate } from '../../src/cli/certificate/make-certificate.js';
import { SETTINGS } from '../failures/load.js';
import { dataFolder } from '../process/served.js';
import { freePort } from '../support/free-port.js';

const made = makeCertificate({ hosts: ['127.0.0.1'], notBefore: new Date(), days: 1 });

/** Who has signed the certificate of these services' webhooks, in PEM. */
export const AUTHORITY = made.authority;

/** Settings of a service with its webhook on a free port, and a data folder of its own. */
export async function webhookSettings(databaseUrl: string) {
  const folder = await dataFolder();
  const tls = join(folder, 'tls');
  mkdirSync(tls);
  writeFileSync(join(tls, 'tls.crt'), made.certificate);
  writeFileSync(join(tls, 'tls.key'), made.key);
  const port = String(await freePort());
  return {
    ...SETTINGS,
    DATABASE_URL: databaseUrl,
    PODGATE_DATA_DIR: folder,
    PODGATE_WEBHOOK_HOST: '127.0.0.1',
    PODGATE_WEBHOOK_PORT: port,
    PODGATE_WEBHOOK_CERT: join(tls, 'tls.crt'),
    PODGATE_WEBHOOK_KEY: join(tls, 'tls.key'),
  };
}

/** The body of a 200; throws {@link Refused} for another status, and where the connection breaks its error. */
export function postReview(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Refused(`${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** Answered, but not with a review: no outage is a reason for that. */
export class Refused extends Error {}
