import { readdir, readFile, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith } from './call.js';

const POLICY = `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: restricted}
spec:
  runAsUser: {rule: RunAsAny}
  seLinux: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  volumes: ['*']
`;
const pod = (name: string, spec = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: main, image: app}]\n${spec}`;
const GOOD = pod('good');
const BAD = pod('bad', '  hostNetwork: true\n');
const OFFLINE = ['--policies', 'policy.yaml'];

async function evaluate(
  files: Readonly<Record<string, string | Uint8Array>>,
  argv: readonly string[],
  input: string | Uint8Array = '',
) {
  const directory = await folderWith({ 'policy.yaml': POLICY, ...files });
  return { directory, ...(await call(['evaluate', ...argv, ...OFFLINE], { directory, input })) };
}

describe('podgate evaluate, offline', () => {
  it('ends with 0 when all is admitted and says by which policy', async () => {
    const { code, out, err } = await evaluate({ 'a.yaml': GOOD }, ['a.yaml']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      'a.yaml\n  admitted  Pod default/good  by restricted\n\n1 admitted, 0 denied, 0 skipped\n',
    );
  });

  it('ends with 1 when something is denied and says why, where and how to fix it', async () => {
    const { code, out } = await evaluate({ 'a.yaml': BAD }, ['a.yaml']);
    expect(code).toBe(1);
    expect(out).toContain(
      'why         6:3  spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used',
    );
    expect(out).toContain('how to fix  remove spec.hostNetwork');
  });

  it('ends with 0 for a denial when only asked to tell', async () => {
    const { code, out } = await evaluate({ 'a.yaml': BAD }, ['a.yaml', '--fail-on', 'never']);
    expect(code).toBe(0);
    expect(out).toContain('0 admitted, 1 denied');
  });

  it.each(['text', 'json', 'sarif', 'junit', 'github'])(
    'has the same verdict with --output %s',
    async (format) => {
      const denied = await evaluate({ 'a.yaml': BAD }, ['a.yaml', '--output', format]);
      const admitted = await evaluate({ 'a.yaml': GOOD }, ['a.yaml', '--output', format]);
      expect([denied.code, admitted.code]).toEqual([1, 0]);
    },
  );

  it('takes files, folders, patterns and standard input, each file once', async () => {
    const files = {
      'a.yaml': GOOD,
      'x/b.yml': GOOD,
      'x/y/c.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"}}',
      'x/notes.txt': '?',
    };
    const { code, out } = await evaluate(files, ['x', '*.yaml', 'x/b.yml', '-', '-o', 'json'], GOOD);
    const { results, summary } = JSON.parse(out);
    expect(results.map(({ file }: { file: string }) => file)).toEqual(['x/b.yml', 'a.yaml', 'stdin']);
    expect([code, summary.skipped]).toEqual([0, 2]);
  });

  it('gives standard input the name that it is told', async () => {
    const { out } = await evaluate({}, ['-', '--file', 'chart/web.yaml', '-o', 'github'], BAD);
    expect(out).toMatch(/^::error file=chart\/web\.yaml,line=6,col=3,/);
  });

  it('reads JSON from standard input too', async () => {
    const list = JSON.stringify([
      JSON.parse(
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"j"},"spec":{"containers":[{"name":"c"}]}}',
      ),
    ]);
    expect((await evaluate({}, ['-'], list)).out).toContain('Pod default/j');
  });

  it('writes several reports at once, each to its file, and counts on standard error', async () => {
    const outputs = ['-o', 'sarif=out/a.sarif', '-o', 'junit=out/a.xml', '-o', 'github=out/a.txt'];
    const { code, out, err, directory } = await evaluate({ 'a.yaml': BAD }, ['a.yaml', ...outputs]);
    expect([code, out, err]).toEqual([1, '', '0 admitted, 1 denied, 0 skipped\n']);
    expect((await readdir(join(directory, 'out'))).sort()).toEqual(['a.sarif', 'a.txt', 'a.xml']);
    expect(JSON.parse(await readFile(join(directory, 'out/a.sarif'), 'utf8')).version).toBe('2.1.0');
  });

  it('considers who asks: a policy of files is for everybody', async () => {
    const { code } = await evaluate({ 'a.yaml': GOOD }, ['a.yaml', '--user', 'ann', '--group', 'dev']);
    expect(code).toBe(0);
  });
});

describe('podgate evaluate, of bad input', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['YAML that does not parse', 'a: [1\nb: }', 'line 2, column 1'],
    [
      'a Helm template',
      'kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n',
      'line 3, column 9: an action of a template',
    ],
    ['binary data', new Uint8Array([1, 2, 0, 3]), 'binary data: this is no manifest'],
    ['an empty file', '', 'the file is empty'],
    ['comments only', '# nothing\n---\n', 'the file holds no object'],
    ['something else than objects', 'just text', 'expected an object'],
    ['an object of no kind', 'a: 1', 'kind is missing'],
    [
      'a pod with a wrong type',
      `${GOOD}  hostNetwork: 5\n`,
      'line 6, column 3: /spec/hostNetwork: must be true or false',
    ],
    ['bytes that are no text', new Uint8Array([0x61, 0xff, 0x62]), 'line 1, column 2'],
  ])('%s: says what and where, ends with 2, and evaluates the other files', async (_what, content, said) => {
    const { code, out } = await evaluate({ 'a.yaml': content, 'b.yaml': BAD }, ['a.yaml', 'b.yaml']);
    expect(code).toBe(2);
    expect(out).toContain('a.yaml\n  not evaluated');
    expect(out).toContain(said);
    expect(out).toContain('0 admitted, 1 denied, 0 skipped, 1 not readable');
  });

  it('refuses a file that is too large without reading it', async () => {
    const directory = await folderWith({ 'policy.yaml': POLICY, 'big.yaml': '', 'a.yaml': GOOD });
    await truncate(join(directory, 'big.yaml'), 200 * 1024 * 1024);
    const { code, out } = await call(['evaluate', 'big.yaml', 'a.yaml', ...OFFLINE], { directory });
    expect(code).toBe(2);
    expect(out).toContain('larger than 50 MiB');
    expect(out).toContain('1 admitted');
  });

  it.each([
    ['missing.yaml', 'there is no such file or folder'],
    ['nothing/*.yaml', 'no file matches this pattern'],
    ['empty', 'the folder holds no manifests'],
    ['chart', 'this is a Helm chart, to be rendered first: helm template chart | podgate evaluate -'],
  ])('%s: %s', async (path, said) => {
    const files = { 'empty/readme.txt': '', 'chart/Chart.yaml': '', 'a.yaml': GOOD };
    const { code, out } = await evaluate(files, [path, 'a.yaml']);
    expect(code).toBe(2);
    expect(out).toContain(said);
    expect(out).toContain('1 admitted');
  });

  it('reads linked files, as a mounted ConfigMap has them, and does not run in circles', async () => {
    const directory = await folderWith({ 'policy.yaml': POLICY, 'd/..data/a.yaml': GOOD });
    await symlink('..data/a.yaml', join(directory, 'd/a.yaml'));
    await symlink('.', join(directory, 'd/again'));
    const { code, out } = await call(['evaluate', 'd', ...OFFLINE], { directory });
    expect([code, out.match(/admitted /g)?.length]).toEqual([0, 1]);
  });

  it('passes over files of a folder that are no Kubernetes objects', async () => {
    const { code, out, err } = await evaluate({ 'd/values.yaml': 'replicas: 1', 'd/a.yaml': GOOD }, ['d']);
    expect(code).toBe(0);
    expect(err).toBe('d/values.yaml: passed over, no Kubernetes object in it\n');
    expect(out).not.toContain('values');
  });

  it('ends with 2 where no file of a folder is a manifest', async () => {
    const { code, err } = await evaluate({ 'd/values.yaml': 'replicas: 1' }, ['d']);
    expect(code).toBe(2);
    expect(err).toContain('there is no Kubernetes object in any of the files');
  });
});

describe('podgate evaluate, called wrongly', () => {
  it.each<[string, readonly string[], string]>([
    ['no path', [...OFFLINE], 'which manifests?'],
    ['no policies', ['a.yaml'], 'with which policies?'],
    ['an unknown option', ['a.yaml', '--polcies', 'x'], "Unknown option '--polcies'"],
    ['an unknown format', ['a.yaml', ...OFFLINE, '-o', 'xml'], '--output must be one of'],
    ['a format without its file', ['a.yaml', ...OFFLINE, '-o', 'json='], 'lacks the name of the file'],
    [
      'two reports to standard output',
      ['a.yaml', ...OFFLINE, '-o', 'json', '-o', 'text'],
      'only one --output',
    ],
    [
      'a value that is none of the choices',
      ['a.yaml', ...OFFLINE, '--fail-on', 'x'],
      '--fail-on must be one of',
    ],
    ['an option twice', ['a.yaml', ...OFFLINE, '-n', 'a', '-n', 'b'], '--namespace may be given only once'],
    [
      'groups of nobody',
      ['a.yaml', ...OFFLINE, '--group', 'dev'],
      '--group has a meaning only together with --user',
    ],
    [
      'a namespace that is none',
      ['a.yaml', ...OFFLINE, '-n', ''],
      '--namespace must have 1 to 63 characters',
    ],
    ['a time', ['a.yaml', ...OFFLINE, '--at', '2026-01-01T00:00:00Z'], '--at asks a server'],
    ['two sources of policies', ['a.yaml', ...OFFLINE, '--server', 'http://x'], 'not both'],
    ['a server without a cluster', ['a.yaml', '--server', 'http://x', '--token', 't'], 'which cluster?'],
    ['a server without a token', ['a.yaml', '--server', 'http://x', '--cluster', 'c'], 'with which token?'],
    [
      'a server that is no address',
      ['a.yaml', '--server', 'x:y', '--cluster', 'c'],
      '--server must be an address',
    ],
    ['a report that can not be written', ['a.yaml', ...OFFLINE, '-o', 'json=a.yaml/x'], 'can not be written'],
  ])('%s: ends with 2 and says so', async (_what, argv, said) => {
    const directory = await folderWith({ 'policy.yaml': POLICY, 'a.yaml': GOOD });
    const { code, out, err } = await call(['evaluate', ...argv], { directory });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });

  it('names every problem of the policies with file and line', async () => {
    const wrong = POLICY.replace('rule: RunAsAny', 'rule: Anything').replace("['*']", '5');
    const directory = await folderWith({
      'p/a.yaml': wrong,
      'p/b.yaml': POLICY,
      'p/c.yaml': POLICY,
      'a.yaml': GOOD,
    });
    const { code, err } = await call(['evaluate', 'a.yaml', '--policies', 'p'], { directory });
    expect(code).toBe(2);
    expect(err).toContain('p/a.yaml: line 9, column 3: /spec/volumes');
    expect(err).toContain('p/c.yaml: policy restricted is already in p/b.yaml');
  });

  it('takes the policies of a flag although the environment names a server', async () => {
    const directory = await folderWith({ 'policy.yaml': POLICY, 'a.yaml': GOOD });
    const environment = { PODGATE_SERVER: 'http://127.0.0.1:1', PODGATE_TOKEN: 'x', PODGATE_CLUSTER: 'c' };
    expect((await call(['evaluate', 'a.yaml', ...OFFLINE], { directory, environment })).code).toBe(0);
  });
});
