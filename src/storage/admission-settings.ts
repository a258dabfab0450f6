import type { AdmissionMode, AdmissionSettings, NamespaceMode, OnUnavailable } from '../model/admission.js';

/** The columns of a cluster, or of its settings of once, that say how its API server is answered. */
export interface AdmissionColumns {
  readonly mode: string;
  readonly namespaceModes: unknown;
  readonly mutateAlways: boolean;
  readonly onUnavailable: string;
}

/** The settings as the model has them. */
export function toAdmissionSettings(columns: AdmissionColumns): AdmissionSettings {
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a CHECK of the table allows these values only
    mode: columns.mode as AdmissionMode,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only storage/clusters.ts writes the column
    namespaceModes: (columns.namespaceModes as readonly NamespaceMode[]).map(({ namespace, mode }) => ({
      namespace,
      mode,
    })),
    mutateAlways: columns.mutateAlways,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a CHECK of the table allows these values only
    onUnavailable: columns.onUnavailable as OnUnavailable,
  };
}
