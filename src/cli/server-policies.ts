import type { JsonObject } from '../kubernetes/json-value.js';
import { textMember } from '../kubernetes/json-value.js';
import { parsePolicyManifest, type PolicyManifest } from '../kubernetes/policy-manifest.js';
import { allItems, objectAnswer, shown } from './answers.js';
import { type ApiClient, ApiError } from './api-client.js';

/** A policy as the server has it in its latest version. */
export interface ServerPolicy {
  readonly version: string;
  readonly archived: boolean;
  readonly manifest: PolicyManifest;
  /** What kubectl takes. */
  readonly yaml: string;
}

/** The policy of that name; null where the server has none. */
export async function readServerPolicy(client: ApiClient, name: string): Promise<ServerPolicy | null> {
  const path = policyPath(name);
  let answer: JsonObject;
  try {
    answer = objectAnswer(await client.get(path));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
  const yaml = await client.getText(path, 'application/yaml');
  const parsed = parsePolicyManifest(yaml, 'yaml');
  if (!parsed.ok) throw new ApiError(`policy ${name}: the server's YAML can not be read`, null);
  const archived = textMember(answer, 'archivedAt') !== undefined;
  return { version: shown(answer, 'version'), archived, manifest: parsed.manifest, yaml };
}

/** The names of the policies that are not archived. */
export async function activePolicyNames(client: ApiClient): Promise<readonly string[]> {
  const policies = await allItems(client, '/v1/policies', 'policies');
  return policies
    .filter((policy) => textMember(policy, 'archivedAt') === undefined)
    .flatMap((policy) => textMember(policy, 'name') ?? []);
}

/** Where a policy lives in the REST API. */
export function policyPath(name: string): string {
  return `/v1/policies/${encodeURIComponent(name)}`;
}
