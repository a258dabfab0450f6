import { describe, expect, it } from 'vitest';
import type { ContainerView } from '../../src/engine/containers.js';
import { Findings } from '../../src/engine/findings.js';
import { viewPod } from '../../src/engine/pod-view.js';

const { containers } = viewPod(
  { spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'b' }] } },
  false,
);
const [first, second, namesake] = containers as readonly [ContainerView, ContainerView, ContainerView];
const field = ({ index }: ContainerView) => `spec.containers[${index}].x`;

function findings(most = Number.POSITIVE_INFINITY): Findings {
  const made = new Findings(most);
  made.begin(1, 1);
  return made;
}

describe('what demands speak against', () => {
  it('is nothing until something is said, and forgotten once taken', () => {
    const made = findings();
    expect(made.take()).toBeNull();
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    expect(made.take()?.violations).toEqual([
      {
        control: 'privileged',
        type: 'Invalid',
        field: 'spec.containers[0].x',
        container: 'a',
        value: true,
        message: 'no',
      },
    ]);
    expect(made.take()).toBeNull();
  });

  it('comes pod level first, volumes in their order, then containers in theirs', () => {
    const made = findings();
    made.pod('hostPID', 'Invalid', 'spec.hostPID', true, 'no');
    made.volume(3, first, 'allowedHostPaths', 'spec.volumes[3]', 'x', 'no');
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    made.container(second, 'privileged', 'Invalid', field, true, 'no');
    const { order } = made.take() ?? { order: [] };
    expect(order).toHaveLength(4);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(new Set(order).size).toBe(4);
  });

  it('is no more than tells that it is too much', () => {
    const made = findings(2);
    const say = (times: number) => {
      for (let i = 0; i < times; i++) made.pod('hostPID', 'Invalid', 'spec.hostPID', i, 'no');
      return made.isFull;
    };
    expect([say(2), made.take()?.violations.length]).toEqual([false, 2]);
    expect([say(2), say(1), say(9), made.take()?.violations.length]).toEqual([false, true, true, 3]);
    expect([say(9), made.dismiss(), made.isFull]).toEqual([true, false, false]);
  });

  it('is one list for demands that say the same', () => {
    const made = findings();
    const say = () => {
      made.container(first, 'privileged', 'Invalid', field, true, 'no');
      made.container(second, 'privileged', 'Invalid', field, true, 'no');
      return made.take();
    };
    const said = say();
    expect(say()).toBe(said);
  });

  it.each<[string, (made: Findings) => void]>([
    ['less', () => undefined],
    ['a message of its own', (made) => made.container(second, 'privileged', 'Invalid', field, true, 'never')],
    ['a value of its own', (made) => made.container(second, 'privileged', 'Invalid', field, 1, 'no')],
    ['a type of its own', (made) => made.container(second, 'privileged', 'Forbidden', field, true, 'no')],
    ['a control of its own', (made) => made.container(second, 'hostPorts', 'Invalid', field, true, 'no')],
    [
      'a field of its own',
      (made) => made.container(second, 'privileged', 'Invalid', () => 'spec.y', true, 'no'),
    ],
    ['a place of its own', (made) => made.container(namesake, 'privileged', 'Invalid', field, true, 'no')],
    ['a container of its own', (made) => made.container(first, 'privileged', 'Invalid', field, true, 'no')],
  ])('is a list of its own for a demand that says %s', (_, say) => {
    const made = findings();
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    made.container(second, 'privileged', 'Invalid', field, true, 'no');
    const said = made.take();
    const before = structuredClone(said);
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    say(made);
    expect(made.take()).not.toEqual(said);
    expect(said).toEqual(before);
  });

  it('can be dismissed, and then said by the next', () => {
    const made = findings();
    expect(made.dismiss()).toBe(true);
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    expect(made.dismiss()).toBe(false);
    expect(made.take()).toBeNull();
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    expect(made.take()?.violations).toHaveLength(1);
  });

  it('that was dismissed is not taken for what was said before it', () => {
    const made = findings();
    made.container(first, 'privileged', 'Invalid', field, true, 'no');
    made.take();
    made.container(first, 'privileged', 'Invalid', field, true, 'never');
    made.dismiss();
    made.container(first, 'privileged', 'Invalid', field, true, 'never');
    expect(made.take()?.violations).toMatchObject([{ message: 'never' }]);
  });
});
