import { expect, it } from 'vitest';
import type { ControlName } from '../../../src/engine/index.js';
import type { Path } from '../../../src/model/fixes/json-edit.js';
import { type Answered, NeededRepairs } from '../../../src/model/fixes/needed-repairs.js';
import { remove, type Repair, set } from '../../../src/model/fixes/repair.js';

const PRIVILEGED: Path = ['spec', 'containers', 0, 'securityContext', 'privileged'];
const NETWORK: Path = ['spec', 'hostNetwork'];
const VOLUME: Path = ['spec', 'volumes', 2];

function answered(control: ControlName, ...found: readonly Repair[]): Answered {
  const violation = {
    control,
    type: 'Invalid',
    field: '',
    container: null,
    value: null,
    message: '',
  } as const;
  return { violation, found };
}

const privileged = answered('privileged', remove(...PRIVILEGED));
const network = answered('hostNetwork', remove(...NETWORK));
const volumes = answered('volumes', remove(...VOLUME));
const chosen = answered('volumes', {
  kind: 'choose',
  path: VOLUME,
  message: '',
  allowed: [],
  sample: { path: VOLUME, value: {} },
});

const cases: readonly [string, readonly (readonly Answered[])[], readonly [Path, boolean][]][] = [
  ['nothing before anything is found', [], [[PRIVILEGED, false]]],
  [
    'the one repair of each violation',
    [[privileged, network, volumes]],
    [
      [PRIVILEGED, true],
      [NETWORK, true],
      [VOLUME, true],
      [['spec', 'hostPID'], false],
    ],
  ],
  ['what has such a repair in it', [[privileged]], [[['spec', 'containers', 0, 'securityContext'], true]]],
  ['nothing below it', [[network]], [[[...NETWORK, 'deeper'], false]]],
  [
    'no volume beside one that is chosen, which may do for both',
    [[privileged, volumes, chosen]],
    [
      [PRIVILEGED, true],
      [VOLUME, false],
    ],
  ],
  [
    'none of several repairs of one violation',
    [[answered('seccomp', remove(...PRIVILEGED), remove(...NETWORK))]],
    [[PRIVILEGED, false]],
  ],
  [
    'no object that is set: a part of it may do',
    [[answered('seccomp', set(['spec', 'securityContext', 'seccompProfile'], { type: 'RuntimeDefault' }))]],
    [[['spec', 'securityContext', 'seccompProfile'], false]],
  ],
  [
    'nothing of a control of which more was found later, and no volume once anything was',
    [[privileged, network, volumes], [privileged]],
    [
      [PRIVILEGED, false],
      [NETWORK, true],
      [VOLUME, false],
    ],
  ],
];

it.each(cases)('counts as needed %s', (_, rounds, expected) => {
  const needed = new NeededRepairs();
  for (const round of rounds) needed.add(round);
  for (const [path, isNeeded] of expected) {
    expect(needed.has({ op: 'remove', path }), path.join('/')).toBe(isNeeded);
  }
});
