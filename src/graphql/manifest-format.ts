import type { ManifestFormat } from '../kubernetes/manifests.js';

/**
 * In which language a manifest is written, as kubectl guesses it: JSON where the text begins with a brace. A bracket
 * counts too, since a list of objects is one of the forms of JSON that we take.
 */
export function formatOf(manifest: string): ManifestFormat {
  return /^[\s\uFEFF]*[{[]/.test(manifest) ? 'json' : 'yaml';
}
