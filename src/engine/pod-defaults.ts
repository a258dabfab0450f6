import type { ContainerList } from './containers.js';
import type { ContainerPort } from './pod.js';

/**
 * The host port that a port occupies once the API server has filled it in: under hostNetwork the container port
 * where no host port stands, but not for ephemeral containers. 0: none.
 */
export function hostPortOf(port: ContainerPort, list: ContainerList, hostNetwork: boolean): number {
  const own = port.hostPort ?? 0;
  if (own !== 0 || !hostNetwork || list === 'ephemeralContainers') return own;
  return port.containerPort ?? 0;
}
