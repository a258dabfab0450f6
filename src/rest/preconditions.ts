import { invalid } from '../model/errors.js';
import type { ExpectedVersion } from '../operations/policies/publish-version.js';
import type { HeaderParameter } from './route.js';

/** The headers with which a client says what it believes to be the latest version (RFC 9110, 13.1). */
export const PRECONDITION_HEADERS: Readonly<Record<string, HeaderParameter>> = {
  'If-Match': {
    description:
      'The `ETag` of the version that the client has seen as the latest, or `*`: the policy must exist.',
    example: '"3"',
  },
  'If-None-Match': { description: '`*`: the policy must not exist yet.', example: '*' },
};

/** The header with which a client says which version it has already. */
export const KNOWN_VERSION_HEADER: Readonly<Record<string, HeaderParameter>> = {
  'If-None-Match': {
    description: 'The `ETag` of what the client has: where nothing has changed since, the answer is 304.',
    example: '"3"',
  },
};

type ReadHeader = (name: string) => string | undefined;

/** What the headers demand of the latest version; null: nothing. Throws INVALID for headers that are no entity tags. */
export function expectedVersion(header: ReadHeader): ExpectedVersion {
  const match = tagsOf('If-Match', header);
  const noneMatch = tagsOf('If-None-Match', header);
  if (match === null && noneMatch === null) return null;
  return (latest) => {
    // Without a version yet there is nothing that a tag, or `*`, could match.
    if (match !== null && (latest === 0 || !matches(match, latest, 'strong')))
      return refusal('If-Match', match);
    if (noneMatch !== null && latest !== 0 && matches(noneMatch, latest, 'weak'))
      return refusal('If-None-Match', noneMatch);
    return null;
  };
}

/** Whether the client has this version already, so that 304 is answered. Headers that are no entity tags say nothing. */
export function isKnownVersion(version: number, header: ReadHeader): boolean {
  const tags = parseTags(header('If-None-Match') ?? '');
  return tags !== null && matches(tags, version, 'weak');
}

interface EntityTag {
  readonly isWeak: boolean;
  readonly opaque: string;
}

type Tags = '*' | readonly EntityTag[];

const ENTITY_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g;
/** No header can contain it. */
const PLACEHOLDER = '\0';

function tagsOf(name: string, header: ReadHeader): Tags | null {
  const value = header(name);
  if (value === undefined) return null;
  const tags = parseTags(value);
  if (tags !== null) return tags;
  const message = `${name} must be a version in quotes, such as "3", or *`;
  throw invalid(message, [{ message, pointer: name, field: name }]);
}

/** The entity tags of a header, or null where it isn't a list of them. */
function parseTags(value: string): Tags | null {
  if (value.trim() === '*') return '*';
  const tags = [...value.matchAll(ENTITY_TAG)].map(([, weak, opaque = '']) => ({
    isWeak: weak !== undefined,
    opaque,
  }));
  const parts = value.replaceAll(ENTITY_TAG, PLACEHOLDER).split(',');
  const isList = tags.length > 0 && parts.every((part) => ['', PLACEHOLDER].includes(part.trim()));
  return isList ? tags : null;
}

function matches(tags: Tags, version: number, comparison: 'strong' | 'weak'): boolean {
  if (tags === '*') return true;
  return tags.some((tag) => tag.opaque === String(version) && (comparison === 'weak' || !tag.isWeak));
}

/** Completes the sentence that begins with the version there is. */
function refusal(name: string, tags: Tags): string {
  const wanted =
    tags === '*' ? '*' : tags.map(({ isWeak, opaque }) => `${isWeak ? 'W/' : ''}"${opaque}"`).join(', ');
  return `but the request has ${name}: ${wanted}`;
}
