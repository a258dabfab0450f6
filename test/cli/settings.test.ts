import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/exit-code.js';
import { mergeSettings, readSettingsFile } from '../../src/cli/settings.js';
import { folderWith } from './call.js';

describe('settings', () => {
  it('come from flags, else from the environment, else from the file', () => {
    const file = { server: ['file'], cluster: ['file'], namespace: ['file'] };
    const environment = { PODGATE_SERVER: 'environment', PODGATE_CLUSTER: 'environment' };
    const settings = mergeSettings({ server: ['flag'] }, environment, file);
    const all = ['server', 'cluster', 'namespace', 'user'].map((name) => [
      settings.text(name),
      settings.rank(name),
    ]);
    expect(all).toEqual([
      ['flag', 0],
      ['environment', 1],
      ['file', 2],
      [undefined, Number.POSITIVE_INFINITY],
    ]);
  });

  it('are lists where several make sense, separated by commas in the environment', () => {
    const settings = mergeSettings({}, { PODGATE_OUTPUT: 'text,sarif=a.sarif' }, {});
    expect(settings.texts('output')).toEqual(['text', 'sarif=a.sarif']);
  });

  it('ignore variables that are empty and options that nobody sets for good', () => {
    const settings = mergeSettings({}, { PODGATE_SERVER: '', PODGATE_PRUNE: 'true' }, {});
    expect([settings.text('server'), settings.flag('prune')]).toEqual([undefined, false]);
  });

  it('are read from the nearest file above the working directory', async () => {
    const folder = await folderWith({
      '.podgate.yaml':
        'server: https://podgate.example.com\nserviceAccount: builder\noutput: [text, junit=a.xml]\n',
      'deep/er/x': '',
    });
    expect(readSettingsFile(join(folder, 'deep/er'))).toEqual({
      server: ['https://podgate.example.com'],
      'service-account': ['builder'],
      output: ['text', 'junit=a.xml'],
    });
  });

  it('name every member of the file that can not be understood', async () => {
    const folder = await folderWith({ '.podgate.yaml': 'sever: x\ncluster: {a: 1}\nnamespace: 5\n' });
    expect.assertions(2);
    try {
      readSettingsFile(folder);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({
        details: ['line 1: unknown setting "sever"', 'line 2: cluster must be text or a list of texts'],
      });
    }
  });

  it('are none where there is no file, and none in an empty one', async () => {
    expect(readSettingsFile('/')).toEqual({});
    expect(readSettingsFile(await folderWith({ '.podgate.yaml': '# nothing yet\n' }))).toEqual({});
  });
});
