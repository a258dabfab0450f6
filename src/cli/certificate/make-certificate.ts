import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  der,
  octetString,
  oid,
  sequence,
  setOf,
  time,
  TRUE,
  unsigned,
  utf8String,
} from './der.js';

/** What a certificate shall say. */
export interface CertificateRequest {
  /** Names and addresses under which the server is called, or the client's name; the first is the common name. */
  readonly hosts: readonly string[];
  /** Whom it identifies; a server where absent. */
  readonly holder?: 'server' | 'client';
  readonly notBefore: Date;
  readonly days: number;
}

/** A certificate and the authority that signed it; all PEM. */
export interface MadeCertificate {
  readonly certificate: string;
  readonly key: string;
  /** What the other side is told to trust: a webhook configuration's `caBundle`, or PODGATE_WEBHOOK_CLIENT_CA. */
  readonly authority: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
/** serverAuth and clientAuth. */
const EXTENDED_KEY_USAGE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const DAY_MS = 86_400_000;

/**
 * Makes a certificate (X.509 v3, RFC 5280) with a P-256 key for one side of TLS, signed by an authority made for it
 * alone, whose key is thrown away: it can't sign anything else.
 */
export function makeCertificate(request: CertificateRequest): MadeCertificate {
  const { hosts, holder = 'server', notBefore, days } = request;
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = sequence(time(notBefore), time(new Date(notBefore.getTime() + days * DAY_MS)));
  const issuer = nameOf('Podgate webhook authority');
  const subject = nameOf((hosts[0] ?? '').slice(0, 64));
  const authorityId = keyId(authority.publicKey);
  const authorityCertificate = signed(
    authority.privateKey,
    tbs({ issuer, subject: issuer, validity, publicKey: authority.publicKey }, [
      extension('2.5.29.19', true, sequence(TRUE)), // basicConstraints: an authority
      extension('2.5.29.15', true, bitString(Buffer.from([0x04]), 2)), // keyUsage: keyCertSign
      extension('2.5.29.14', false, octetString(authorityId)), // subjectKeyIdentifier
    ]),
  );
  const certificate = signed(
    authority.privateKey,
    tbs({ issuer, subject, validity, publicKey: own.publicKey }, [
      extension('2.5.29.19', true, sequence()), // basicConstraints: no authority
      extension('2.5.29.15', true, bitString(Buffer.from([0x80]), 7)), // keyUsage: digitalSignature
      extension('2.5.29.37', false, sequence(oid(EXTENDED_KEY_USAGE[holder]))),
      extension('2.5.29.35', false, sequence(der(0x80, authorityId))), // authorityKeyIdentifier
      extension('2.5.29.17', false, sequence(...hosts.map(alternativeName))), // subjectAltName
    ]),
  );
  return {
    certificate: pem(certificate),
    key: String(own.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    authority: pem(authorityCertificate),
  };
}

interface Body {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: Buffer;
  readonly publicKey: KeyObject;
}

function tbs({ issuer, subject, validity, publicKey }: Body, extensions: readonly Buffer[]): Buffer {
  const version = der(0xa0, unsigned(Buffer.from([2])));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and never with a zero in front
  return sequence(
    version,
    unsigned(serial),
    ECDSA_WITH_SHA256,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
}

function signed(key: KeyObject, body: Buffer): Buffer {
  return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, key)));
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(oid('2.5.4.3'), utf8String(commonName))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octetString(value));
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? der(0x82, Buffer.from(host, 'ascii')) : der(0x87, addressBytes(host));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groupsOf = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => 0), ...right];
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
