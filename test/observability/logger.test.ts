import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/observability/logger.js';

const TOKEN = `podgate_${'A'.repeat(43)}0123abcd`;

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

describe('the log', () => {
  it('is one JSON object a line with time and level by name', () => {
    const line = logged((logger) => logger.info({ port: 80 }, 'listening'));
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      port: 80,
      msg: 'listening',
    });
    expect(line.endsWith('\n')).toBe(true);
  });

  it('leaves out what is below its level', () => expect(logged((logger) => logger.debug('x'))).toBe(''));

  it.each([
    ['a member named token', { token: 's3cret-value' }],
    ['a header', { headers: { authorization: 'Bearer s3cret-value' } }],
    ['a bearer token in a text', { note: 'sent Bearer s3cret-value' }],
    ['a password in a URL', { url: 'postgres://podgate:s3cret-value@db:5432/podgate' }],
    ['the secret of a webhook', { path: '/admission/prod/~s3cret-value/mutate' }],
    ['a JWT in a text', { note: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.s3cret-value' }],
    [
      'a private key',
      { key: '-----BEGIN PRIVATE KEY-----\ns3cret+value\ns3cret/value==\n-----END PRIVATE KEY-----' },
    ],
    ['an error with a URL', { err: new Error('no answer from postgres://u:s3cret-value@db') }],
  ])('does not tell %s', (_name, members) => {
    const line = logged((logger) => logger.info(members, 'message'));
    expect(line).not.toContain('s3cret');
    expect(JSON.parse(line)).toMatchObject({ msg: 'message' });
  });

  it.each([`token ${TOKEN} was used`, `"${TOKEN}"`])('does not tell a token of ours: %s', (text) => {
    expect(logged((logger) => logger.info(text))).not.toContain('A'.repeat(20));
  });

  it('escapes characters that could disguise a line', () => {
    const line = logged((logger) => logger.info('a\u202eb\u0085c\u2028d\u001b[31m\ne'));
    expect(line).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(line)).toMatchObject({ msg: 'a\u202eb\u0085c\u2028d\u001b[31m\ne' });
  });
});
