import type { Pod } from '../../engine/index.js';
import type { PodPart } from './aspect.js';

/** The one container of a sample pod. */
export const CONTAINER = 'app';

/** A whole, valid pod with one container, made of parts of different aspects. */
export function samplePod(parts: readonly PodPart[]): Pod {
  const merged = parts.reduce(merge, {});
  const { annotations, spec, podContext, container, context } = merged;
  const metadata = { name: 'witness', ...(annotations === undefined ? {} : { annotations }) };
  const app = {
    name: CONTAINER,
    image: 'registry.k8s.io/pause:3.10',
    ...container,
    ...(context === undefined ? {} : { securityContext: context }),
  };
  const types = { apiVersion: 'v1', kind: 'Pod' };
  return {
    ...types,
    metadata,
    spec: {
      ...spec,
      ...(podContext === undefined ? {} : { securityContext: podContext }),
      containers: [app],
    },
  };
}

/** Parts of different aspects have no members in common. */
function merge(left: PodPart, right: PodPart): PodPart {
  const merged: Record<string, object> = { ...left };
  for (const [place, members] of Object.entries(right)) merged[place] = { ...merged[place], ...members };
  return merged;
}
