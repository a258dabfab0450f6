import { describe, expect, it } from 'vitest';
import { policy, testApp } from './app.js';

const { admin } = await testApp();

const save = (name: string, body: object = policy(name)) => admin.put(`/v1/policies/${name}`).send(body);

describe('saving a policy', () => {
  it('makes version 1, then keeps it, then makes version 2', async () => {
    const created = await save('a').query({ message: 'first' });
    expect(created.status).toBe(201);
    expect(created.headers['etag']).toBe('"1"');
    expect(created.body).toMatchObject({
      name: 'a',
      kind: 'PodSecurityPolicy',
      archivedAt: null,
      version: 1,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      message: 'first',
      author: 'admin',
      restoredFrom: null,
      spec: { runAsUser: { rule: 'RunAsAny' } },
      warnings: [],
    });
    const same = await save('a');
    expect([same.status, same.body.version, same.headers['etag']]).toEqual([200, 1, '"1"']);
    const changed = await save('a', policy('a', { privileged: true }));
    expect([changed.status, changed.body.version, changed.headers['etag']]).toEqual([200, 2, '"2"']);
  });

  it('takes YAML as kubectl does, and gives YAML back', async () => {
    const yaml = [
      'apiVersion: policy/v1beta1',
      'kind: PodSecurityPolicy',
      'metadata: {name: from-yaml}',
      'spec:',
      '  privileged: no',
      '  runAsUser: {rule: MustRunAs, ranges: [{min: 1, max: 9223372036854775807}]}',
      '  seLinux: {rule: RunAsAny}',
      '  fsGroup: {rule: RunAsAny}',
      '  supplementalGroups: {rule: RunAsAny}',
    ].join('\n');
    const saved = await admin.put('/v1/policies/from-yaml').type('application/yaml').send(yaml);
    expect(saved.status).toBe(201);
    expect(saved.text).toContain('"max":9223372036854775807');
    const read = await admin.get('/v1/policies/from-yaml').set('Accept', 'application/yaml');
    expect([read.status, read.type, read.headers['etag']]).toEqual([200, 'application/yaml', '"1"']);
    expect(read.text).toMatch(/kind: PodSecurityPolicy[^]*max: 9223372036854775807/);
    const again = await admin.put('/v1/policies/from-yaml').type('application/yaml').send(read.text);
    expect([again.status, again.body.version]).toEqual([200, 1]);
  });

  it.each([
    ['If-Match of the latest', { 'If-Match': '"1"' }, 200],
    ['If-Match of no version', { 'If-Match': '"0"' }, 412],
    ['If-Match of another tag', { 'If-Match': '"abc"' }, 412],
    ['If-Match of one that is not yet', { 'If-Match': '"9"' }, 412],
    ['If-Match *', { 'If-Match': '*' }, 200],
    ['If-None-Match *', { 'If-None-Match': '*' }, 412],
    ['If-Match without quotes', { 'If-Match': '1' }, 422],
    ['a weak If-Match, which compares strongly', { 'If-Match': 'W/"1"' }, 412],
    ['the latest among several in If-Match', { 'If-Match': '"7", "1"' }, 200],
    ['others in If-Match', { 'If-Match': '"7","8"' }, 412],
    ['If-None-Match of the latest', { 'If-None-Match': '"1"' }, 412],
    ['If-None-Match of others', { 'If-None-Match': 'W/"7", "8"' }, 200],
    ['both, that agree', { 'If-Match': '"1"', 'If-None-Match': '"2"' }, 200],
    ['both, that contradict', { 'If-Match': '"1"', 'If-None-Match': '*' }, 412],
  ])('with %s', async (name, headers, status) => {
    const policyName = `match-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}x`;
    await save(policyName);
    const response = await save(policyName, policy(policyName, { hostPID: true })).set(headers);
    expect(response.status).toBe(status);
  });

  it('of a new name fails with any If-Match, and succeeds with If-None-Match *', async () => {
    for (const tag of ['*', '"0"', '"1"']) {
      const response = await save('new-one').set('If-Match', tag);
      expect([response.status, response.body.detail]).toEqual([
        412,
        `Policy new-one does not exist yet, but the request has If-Match: ${tag}`,
      ]);
    }
    expect((await save('new-one').set('If-None-Match', '*')).status).toBe(201);
  });

  it('is refused for what it is before a precondition is looked at', async () => {
    const response = await save('c', policy('other')).set('If-Match', '"9"');
    expect(response.status).toBe(422);
  });

  it('wins for one of those who have seen the same version', async () => {
    await save('race');
    const saves = Array.from({ length: 6 }, (_, index) =>
      save('race', policy('race', { hostPorts: [{ min: index + 1, max: index + 1 }] })).set(
        'If-Match',
        '"1"',
      ),
    );
    const statuses = (await Promise.all(saves)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412, 412]);
  });

  it.each([
    ['another name than in the path', policy('other'), ['/metadata/name']],
    [
      'an unknown rule and a wrong type',
      policy('bad', { runAsUser: { rule: 'Nope' }, privileged: 'yes' }),
      ['/spec/privileged'],
    ],
    [
      'no spec',
      { ...policy('bad'), spec: {} },
      ['/spec/fsGroup/rule', '/spec/runAsUser/rule', '/spec/seLinux/rule', '/spec/supplementalGroups/rule'],
    ],
    ['another kind', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' } }, ['/apiVersion', '/kind']],
  ])('is refused with %s', async (_name, body, pointers) => {
    const response = await save('bad', body);
    expect(response.status).toBe(422);
    const found = response.body.errors.map((problem: { pointer: string }) => problem.pointer);
    expect(found.toSorted()).toEqual(pointers);
    expect(response.body.errors[0]).toMatchObject({ line: 1, column: expect.any(Number) });
    expect((await admin.get('/v1/policies/bad')).status).toBe(404);
  });

  it.each([
    ['YAML that does not parse', 'a: [', 'application/yaml', 400],
    ['an empty body', '', 'application/yaml', 422],
    ['two documents', 'a: 1\n---\nb: 2', 'application/yaml', 422],
    ['a text', 'hello', 'application/yaml', 422],
    ['another type', '<a/>', 'application/xml', 415],
  ])('is refused with %s', async (_name, body, type, status) => {
    const response = await admin.put('/v1/policies/bad').set('Content-Type', type).send(body);
    expect(response.status).toBe(status);
  });
});

describe('a saved policy', () => {
  it('is listed, with its versions newest first', async () => {
    await save('listed');
    await save('listed', policy('listed', { hostIPC: true }));
    const list = await admin.get('/v1/policies?first=1');
    expect(list.body.policies).toMatchObject([{ name: 'listed', version: 2, archivedAt: null }]);
    const versions = await admin.get('/v1/policies/listed/versions');
    expect(versions.body.versions).toMatchObject([{ version: 2, spec: { hostIPC: true } }, { version: 1 }]);
    const one = await admin.get('/v1/policies/listed/versions/1');
    expect(one.body).toEqual(versions.body.versions[1]);
    const yaml = await admin.get('/v1/policies/listed/versions/1').set('Accept', 'application/yaml');
    expect(yaml.text).toContain('name: listed');
  });

  it.each(['3', '0', 'x', '1.0', '-1', '99999999999999999999'])('has no version %s', async (number) => {
    await save('few');
    expect((await admin.get(`/v1/policies/few/versions/${number}`)).status).toBe(404);
  });

  it('gets an earlier content back as a new version', async () => {
    await save('restored');
    await save('restored', policy('restored', { privileged: true }));
    const response = await admin.post('/v1/policies/restored/restore').send({ version: 1, message: 'back' });
    expect(response.status).toBe(201);
    expect(response.headers['etag']).toBe('"3"');
    expect(response.body).toMatchObject({ name: 'restored', version: 3, restoredFrom: 1, message: 'back' });
    expect((await admin.post('/v1/policies/restored/restore').send({ version: 9 })).status).toBe(404);
    expect((await admin.post('/v1/policies/restored/restore').send({ version: 'x' })).status).toBe(422);
  });

  it('takes nothing new while it is archived', async () => {
    await save('old');
    const archived = await admin.post('/v1/policies/old/archive');
    expect(archived.body).toMatchObject({ name: 'old', archivedAt: expect.any(String) });
    const refused = await save('old', policy('old', { privileged: true }));
    expect([refused.status, refused.body.type]).toEqual([409, 'urn:podgate:problem:policy-archived']);
    expect((await admin.post('/v1/policies/old/unarchive')).body.archivedAt).toBeNull();
    expect((await save('old', policy('old', { privileged: true }))).status).toBe(200);
  });
});

describe('reading a policy', () => {
  it.each([
    ['the latest', '"1"', 304],
    ['the latest among others', '"7" , W/"1"', 304],
    ['anything', '*', 304],
    ['another', '"2"', 200],
    ['what is no tag', '1', 200],
  ])('with If-None-Match of %s', async (_, tag, status) => {
    await save('known');
    for (const accept of ['application/json', 'application/yaml']) {
      const response = await admin
        .get('/v1/policies/known')
        .set({ 'If-None-Match': tag, Accept: accept })
        .buffer(true);
      expect([response.status, response.headers['etag']]).toEqual([status, '"1"']);
      expect(response.headers['vary']).toContain('Accept');
      expect(response.text === '').toBe(status === 304);
    }
  });

  it('that is archived says so whatever the client knows, and again when it no longer is', async () => {
    await save('kept');
    const read = () => admin.get('/v1/policies/kept').set('If-None-Match', '"1"');
    await admin.post('/v1/policies/kept/archive');
    const archived = await read();
    expect([archived.status, archived.headers['etag']]).toEqual([200, undefined]);
    expect(archived.body.archivedAt).not.toBeNull();
    await admin.post('/v1/policies/kept/unarchive');
    expect((await read()).status).toBe(304);
  });
});
