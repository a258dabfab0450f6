import type { IdStrategy, Int64, Optional, PodSecurityPolicySpec } from '../../../engine/index.js';
import { type Aspect, type PodPart, SILENT, specField } from '../aspect.js';
import { firstCommon, firstOutside, type IntegerSet, integerSet } from '../integer-set.js';

/** Ids are int64 in policies and pods alike, and not negative. */
const IDS = { min: 0n, max: 2n ** 63n - 1n };

/** The primary group of containers. */
export const runAsGroup = idAspect('runAsGroup', (runAsGroup) => [{ context: { runAsGroup } }]);

/** The group that owns volumes. */
export const fsGroup = idAspect('fsGroup', (fsGroup) => [{ podContext: { fsGroup } }]);

/** Further groups. `MustRunAs` refuses a list that is there and empty. */
export const supplementalGroups = idAspect(
  'supplementalGroups',
  (group) => [{ podContext: { supplementalGroups: [group] } }],
  [{ podContext: { supplementalGroups: [] } }],
);

/** The user, and the promise not to be root, which only `MustRunAsNonRoot` looks at. */
export const runAsUser = idAspect(
  'runAsUser',
  (runAsUser) => [{ context: { runAsUser } }, { context: { runAsUser, runAsNonRoot: true } }],
  [{ context: { runAsUser: 0 } }, { context: { runAsNonRoot: false } }, { context: { runAsNonRoot: true } }],
);

type IdField = 'runAsUser' | 'runAsGroup' | 'fsGroup' | 'supplementalGroups';

function idAspect(
  key: IdField,
  partsWith: (id: Int64) => readonly PodPart[],
  others: readonly PodPart[] = [],
): Aspect {
  return {
    fields: [specField(key, key)],
    points(before, after) {
      const left = idsOf(before.spec, key);
      const right = idsOf(after.spec, key);
      const ids = [firstOutside(right, left), firstOutside(left, right), firstCommon(left, right)];
      const parts = ids.filter((id) => id !== undefined).flatMap(partsWith);
      return [SILENT, ...parts, ...others];
    },
  };
}

/** The ids that a pod may name. */
function idsOf(spec: PodSecurityPolicySpec, key: IdField): IntegerSet {
  const strategy: Optional<IdStrategy> = spec[key];
  switch (strategy?.rule) {
    case 'MustRunAs':
    case 'MayRunAs':
      return integerSet(strategy.ranges ?? [], IDS);
    case 'MustRunAsNonRoot':
      return [{ min: 1n, max: IDS.max }];
    default:
      return [IDS];
  }
}
