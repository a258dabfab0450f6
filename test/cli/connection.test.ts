import { expect, it } from 'vitest';
import { connect } from '../../src/cli/connection.js';
import { mergeSettings, type OptionValues } from '../../src/cli/settings.js';
import { folderWith } from './call.js';

const MISSING = 'the token can not be read';
const BLANK = 'the token holds blanks';

// A file that isn't there and a token with a blank tell which of the two was taken.
it.each<[string, OptionValues, Readonly<Record<string, string>>, OptionValues, string | null]>([
  ['a flag before another place', { 'token-file': ['gone'] }, { PODGATE_TOKEN: 'a b' }, {}, MISSING],
  ['a flag before another place', { token: ['a b'] }, { PODGATE_TOKEN_FILE: 'gone' }, {}, BLANK],
  ['a variable before the file of settings', {}, { PODGATE_TOKEN_FILE: 'gone' }, { token: ['a b'] }, MISSING],
  ['a variable before the file of settings', {}, { PODGATE_TOKEN: 'a b' }, { 'token-file': ['gone'] }, BLANK],
  [
    'a token before its file in one place',
    {},
    { PODGATE_TOKEN: 'a b', PODGATE_TOKEN_FILE: 'gone' },
    {},
    BLANK,
  ],
  ['what a file holds', { 'token-file': ['token'] }, { PODGATE_TOKEN: 'a b' }, {}, null],
  ['nothing', {}, {}, {}, 'with which token?'],
])('the token is %s: %j %j %j', async (_, flags, environment, file, refused) => {
  const directory = await folderWith({ token: 'good\n' });
  const server = { server: ['http://127.0.0.1:1'], ...flags };
  const connecting = connect({ settings: mergeSettings(server, environment, file), directory });
  if (refused === null) await expect(connecting).resolves.toBeDefined();
  else await expect(connecting).rejects.toThrow(refused);
});
