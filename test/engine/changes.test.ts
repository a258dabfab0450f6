import { describe, expect, it } from 'vitest';
import { Changes } from '../../src/engine/changes.js';
import type { ContainerView } from '../../src/engine/containers.js';
import { viewPod } from '../../src/engine/pod-view.js';

const KEPT = { privileged: false, runAsGroup: null };
const { containers } = viewPod(
  { spec: { containers: [{ name: 'a', securityContext: KEPT }, { name: 'b' }, { name: 'c' }] } },
  false,
);
const [first, second, third] = containers as readonly [ContainerView, ContainerView, ContainerView];

describe('what is filled in', () => {
  it('is kept by where it belongs, in order', () => {
    const changes = new Changes('keep');
    changes.annotate('key', 'value');
    changes.setSpec('runtimeClassName', 'kata');
    changes.setPodContext('fsGroup', 1);
    changes.setPodContext('supplementalGroups', [2]);
    expect(changes).toMatchObject({
      annotations: { key: 'value' },
      spec: { runtimeClassName: 'kata' },
      podContext: { fsGroup: 1, supplementalGroups: [2] },
      contexts: [],
    });
  });

  it('is set in a container’s context member by member, or all in one where the container has none', () => {
    const changes = new Changes('keep');
    changes.begin(first);
    changes.setContext('runAsUser', 3);
    changes.setContext('runAsGroup', 4);
    changes.setContext('capabilities', { drop: ['ALL', 'KILL'] }, 'replace');
    changes.begin(second);
    changes.setContext('runAsUser', 3);
    changes.setContext('capabilities', () => ({ drop: ['ALL'] }));
    changes.begin(third);
    changes.setContext('readOnlyRootFilesystem', true);
    const path = '/spec/containers/0/securityContext';
    expect(changes.contexts).toEqual([
      { op: 'add', path: `${path}/runAsUser`, value: 3 },
      { op: 'add', path: `${path}/runAsGroup`, value: 4 },
      { op: 'replace', path: `${path}/capabilities`, value: { drop: ['ALL', 'KILL'] } },
      {
        op: 'add',
        path: '/spec/containers/1/securityContext',
        value: { runAsUser: 3, capabilities: { drop: ['ALL'] } },
      },
      { op: 'add', path: '/spec/containers/2/securityContext', value: { readOnlyRootFilesystem: true } },
    ]);
    expect(first.source.securityContext).toEqual(KEPT);
  });

  it.each<[string, (changes: Changes) => void]>([
    ['an annotation', (changes) => changes.annotate('key', 'value')],
    ['a member of the spec', (changes) => changes.setSpec('runtimeClassName', 'kata')],
    ['a member of the pod’s context', (changes) => changes.setPodContext('fsGroup', 1)],
    ['a member of a container’s context', (changes) => changes.setContext('runAsUser', 1)],
  ])('can be noted only: %s', (_, fill) => {
    const changes = new Changes('note');
    changes.begin(first);
    expect(changes.takeNote()).toBe(false);
    fill(changes);
    expect(changes.takeNote()).toBe(true);
    expect(changes.takeNote()).toBe(false);
    expect(changes).toMatchObject({ annotations: null, spec: null, podContext: null, contexts: [] });
  });

  it('does not make a costly value that nobody asks for', () => {
    const changes = new Changes('note');
    changes.begin(first);
    changes.setContext('capabilities', () => {
      throw new Error('made');
    });
  });
});
