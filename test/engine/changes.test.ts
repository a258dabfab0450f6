import { describe, expect, it } from 'vitest';
import { Changes } from '../../src/engine/changes.js';
import type { ContainerView } from '../../src/engine/containers.js';
import { viewPod } from '../../src/engine/pod-view.js';

const { containers } = viewPod({ spec: { containers: [{ name: 'a' }, { name: 'b' }] } }, false);
const [first, second] = containers as readonly [ContainerView, ContainerView];

describe('what is filled in', () => {
  it('is kept by where it belongs, in order', () => {
    const changes = new Changes('keep');
    changes.annotate('key', 'value');
    changes.setSpec('runtimeClassName', 'kata');
    changes.setPodContext('fsGroup', 1);
    changes.setPodContext('supplementalGroups', [2]);
    changes.setContext(second, 'runAsUser', 3);
    changes.setContext(second, 'capabilities', () => ({ drop: ['ALL'] }));
    expect(changes).toMatchObject({
      annotations: { key: 'value' },
      spec: { runtimeClassName: 'kata' },
      podContext: { fsGroup: 1, supplementalGroups: [2] },
    });
    expect(changes.contexts[first.position]).toBeUndefined();
    expect(changes.contexts[second.position]).toEqual({
      container: second,
      members: { runAsUser: 3, capabilities: { drop: ['ALL'] } },
    });
  });

  it.each<[string, (changes: Changes) => void]>([
    ['an annotation', (changes) => changes.annotate('key', 'value')],
    ['a member of the spec', (changes) => changes.setSpec('runtimeClassName', 'kata')],
    ['a member of the pod’s context', (changes) => changes.setPodContext('fsGroup', 1)],
    ['a member of a container’s context', (changes) => changes.setContext(first, 'runAsUser', 1)],
  ])('can be noted only: %s', (_, fill) => {
    const changes = new Changes('note');
    expect(changes.takeNote()).toBe(false);
    fill(changes);
    expect(changes.takeNote()).toBe(true);
    expect(changes.takeNote()).toBe(false);
    expect(changes).toMatchObject({ annotations: null, spec: null, podContext: null, contexts: [] });
  });

  it('does not make a costly value that nobody asks for', () => {
    new Changes('note').setContext(first, 'capabilities', () => {
      throw new Error('made');
    });
  });
});
