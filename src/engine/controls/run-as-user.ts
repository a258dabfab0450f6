import { containerField, type ContainerView } from '../containers.js';
import type { Int64 } from '../json.js';
import type { Findings } from '../findings.js';
import type { Control } from './control.js';
import { commonRanges, firstId, type IdRanges, idRanges } from './id-ranges.js';

const userField = containerField('securityContext.runAsUser');
const nonRootField = containerField('securityContext.runAsNonRoot');

/** The user that `MustRunAs` gives; `non-root`: that it isn't root is all that is said. */
type Fill = Int64 | 'non-root';

/** The allowed users; `non-root`: all but root. */
type Demand = IdRanges | 'non-root';

/**
 * The user that containers run as.
 *
 * Restricted fields: …securityContext.runAsUser and runAsNonRoot, a container's own before its pod's
 * Allowed values: RunAsAny: anything. MustRunAs: a user within the ranges. MustRunAsNonRoot: any user but 0, and
 * runAsNonRoot not false, even beside another user.
 * Default: MustRunAs gives the container the first id of the first range; MustRunAsNonRoot sets runAsNonRoot where
 * neither that nor a user is named.
 */
export const runAsUser: Control<Fill, Demand> = {
  id: 'run-as-user',
  fields: [
    {
      name: 'runAsUser',
      title: 'User',
      description: 'The user ids that containers may run as, or that they may not run as root.',
      help: 'Set securityContext.runAsUser to a user that the policy allows and remove runAsNonRoot: false.',
    },
  ],

  unusable({ spec: { runAsUser: strategy } }) {
    const broken = strategy?.rule === 'MustRunAs' && (strategy.ranges ?? []).length === 0;
    return broken ? 'MustRunAs requires at least one range' : null;
  },

  fills: ({ spec }) => (spec.runAsUser?.rule === 'MustRunAsNonRoot' ? 'non-root' : firstId(spec.runAsUser)),

  defaultContainer(user, container, changes) {
    if (container.runAsUser !== undefined) return;
    if (user !== 'non-root') changes.setContext('runAsUser', user);
    else if (container.runAsNonRoot === undefined) changes.setContext('runAsNonRoot', true);
  },

  demands({ spec: { runAsUser: strategy } }) {
    if (strategy?.rule === 'MustRunAsNonRoot') return 'non-root';
    return strategy?.rule === 'MustRunAs' ? idRanges(strategy) : null;
  },

  common: (one, other) => (one === 'non-root' || other === 'non-root' ? null : commonRanges(one, other)),

  validate(demand, pod, findings) {
    for (const container of pod.judged) {
      if (demand === 'non-root') demandNonRoot(container, findings);
      else demandInRanges(demand, container, findings);
    }
  },
};

function demandNonRoot(container: ContainerView, findings: Findings): void {
  if (container.runAsNonRoot === false) {
    findings.container(container, 'runAsUser', 'Invalid', nonRootField, false, 'must be true');
  } else if (container.runAsUser === 0) {
    const message = 'running with the root UID is forbidden';
    findings.container(container, 'runAsUser', 'Invalid', userField, 0, message);
  }
}

function demandInRanges({ ranges, printed }: IdRanges, container: ContainerView, findings: Findings): void {
  const user = container.runAsUser;
  if (user === undefined || ranges.has(user)) return;
  const message = `must be in the ranges: ${printed}`;
  findings.container(container, 'runAsUser', 'Invalid', userField, user, message);
}
