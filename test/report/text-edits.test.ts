import { describe, expect, it } from 'vitest';
import { parseManifests } from '../../src/kubernetes/manifests.js';
import type { FixOperation } from '../../src/model/fixes/policy-fix.js';
import { editorOf } from '../../src/report/text-edits.js';

const FILE = `# first
kind: ConfigMap
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      hostNetwork: true # why?
      securityContext:
        runAsUser: 0
        sysctls:
        - name: a
          value: "1"

        # about b
        - name: b
          value: "2"
      containers:
        - name: main
          securityContext:
            allowPrivilegeEscalation: true
            capabilities: { add: [A, B] }
          ports:
            - containerPort: 1
              hostPort: 1
---
kind: List
items:
  - kind: Pod
    spec: {hostPID: true}
  - hostPID: true
    kind: Pod
`;

/** The file with the edits made; null where none are suggested. */
function suggested(
  text: string,
  document: number,
  patch: readonly FixOperation[],
  item: number | null = null,
): string | null {
  const manifests = parseManifests(text, 'yaml');
  if (!manifests.ok) throw new Error('not readable');
  const object = { document, item, apiVersion: '', kind: '', namespace: '', name: '', podPath: '' };
  const edits = editorOf(manifests)(object, patch);
  if (edits === null) return null;
  const lines = text.split('\n');
  for (const { line, count, lines: added } of [...edits].sort((a, b) => b.line - a.line)) {
    lines.splice(line - 1, count, ...added);
  }
  return lines.join('\n');
}

const SPEC = '/spec/template/spec';
const MAIN = `${SPEC}/containers/0/securityContext`;

describe('the edits suggested for a file', () => {
  it.each<readonly [string, readonly FixOperation[], string, string]>([
    [
      'a member goes with its line',
      [{ op: 'remove', path: `${SPEC}/hostNetwork` }],
      '      hostNetwork: true # why?\n',
      '',
    ],
    [
      'a member goes with all that is below it',
      [{ op: 'remove', path: `${SPEC}/securityContext` }],
      FILE.slice(FILE.indexOf('      securityContext:\n        runAs'), FILE.indexOf('      containers:')),
      '',
    ],
    [
      'an element goes',
      [{ op: 'remove', path: `${SPEC}/securityContext/sysctls/1` }],
      '        - name: b\n          value: "2"\n',
      '',
    ],
    [
      'a value is replaced',
      [{ op: 'replace', path: `${MAIN}/allowPrivilegeEscalation`, value: false }],
      'allowPrivilegeEscalation: true',
      'allowPrivilegeEscalation: false',
    ],
    [
      'a member is added behind its first sibling',
      [{ op: 'add', path: `${MAIN}/procMount`, value: 'Default' }],
      'allowPrivilegeEscalation: true\n',
      'allowPrivilegeEscalation: true\n            procMount: "Default"\n',
    ],
    [
      'a member is added at the end of its element',
      [{ op: 'add', path: `${SPEC}/containers/0/tty`, value: false }],
      '              hostPort: 1\n',
      '              hostPort: 1\n          tty: false\n',
    ],
    [
      'a member of the last line goes',
      [{ op: 'remove', path: `${SPEC}/containers/0/ports/0/hostPort` }],
      '              hostPort: 1\n',
      '',
    ],
  ])('%s', (_name, patch, gone, come) => {
    expect(suggested(FILE, 1, patch)).toBe(FILE.replace(gone, come));
  });

  it('are several for several operations', () => {
    const patch: FixOperation[] = [
      { op: 'remove', path: `${SPEC}/hostNetwork` },
      { op: 'remove', path: `${SPEC}/securityContext/runAsUser` },
    ];
    expect(suggested(FILE, 1, patch)).toBe(
      FILE.replace('      hostNetwork: true # why?\n', '').replace('        runAsUser: 0\n', ''),
    );
  });

  it.each<readonly [string, number, FixOperation, number | null]>([
    ['in a flow collection', 1, { op: 'remove', path: `${MAIN}/capabilities/add/0` }, null],
    ['of an only member, which would leave null behind', 2, { op: 'remove', path: '/spec/hostPID' }, 0],
    ['of a member that stands in its element’s first line', 2, { op: 'remove', path: '/hostPID' }, 1],
  ])('are none %s', (_name, document, operation, item) => {
    expect(suggested(FILE, document, [operation], item)).toBeNull();
  });

  it('are none for JSON', () => {
    const manifests = parseManifests('{"kind": "Pod", "spec": {"hostPID": true}}', 'json');
    if (!manifests.ok) throw new Error('not readable');
    const object = {
      document: 0,
      item: null,
      apiVersion: '',
      kind: '',
      namespace: '',
      name: '',
      podPath: '',
    };
    expect(editorOf(manifests)(object, [{ op: 'remove', path: '/spec/hostPID' }])).toBeNull();
  });
});
