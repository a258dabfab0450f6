import { compareBytes, utf8Length } from './byte-order.js';
import type { Optional } from './pod.js';
import { type FieldError, invalid } from './violation.js';
import { subdomainMessages } from './subdomain.js';

/** Labels or annotations; a member may be absent. */
type Texts = Optional<Readonly<Record<string, Optional<string>>>>;

const LONGEST_NAME = 63;
const ANNOTATIONS_LENGTH = 256 * 1024;
const CHARACTERS =
  "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const NAME_TEXT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const NAME = new RegExp(`^${NAME_TEXT}$`);
const NAME_MESSAGE = `must ${CHARACTERS} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_TEXT}')`;
const VALUE_MESSAGE = `a valid label must be an empty string or ${CHARACTERS} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${NAME_TEXT})?')`;

/** The API's validation of labels: their keys and values, key by key in byte order (in Kubernetes in any order). */
export function validateLabels(labels: Texts): FieldError[] {
  return sorted(labels).flatMap(([key, value]) => [
    ...keyMessages(key).map((message) => invalid('metadata.labels', key, message)),
    ...valueMessages(value).map((message) => invalid('metadata.labels', value, message)),
  ]);
}

/** The API's validation of annotations: their keys, in byte order, and how long all are together. */
export function validateAnnotations(annotations: Texts): FieldError[] {
  const field = 'metadata.annotations';
  const entries = sorted(annotations);
  const problems = entries.flatMap(([key]) =>
    keyMessages(key.toLowerCase()).map((message) => invalid(field, key, message)),
  );
  const length = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  if (length > ANNOTATIONS_LENGTH) {
    problems.push({
      type: 'TooLong',
      field,
      value: '',
      message: `must have at most ${ANNOTATIONS_LENGTH} bytes`,
    });
  }
  return problems;
}

function sorted(texts: Texts): readonly [string, string][] {
  const present = Object.entries(texts ?? {}).flatMap(([key, text]): [string, string][] =>
    text === undefined || text === null ? [] : [[key, text]],
  );
  return present.sort(([a], [b]) => compareBytes(a, b));
}

/** What Kubernetes has against a key: a name of at most 63 characters, optionally after a DNS subdomain and `/`. */
function keyMessages(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    const shape = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${NAME_MESSAGE} ${shape}`];
  }
  const name = parts.at(-1) ?? '';
  const messages = parts.length === 2 ? prefixMessages(parts[0] ?? '') : [];
  if (name === '') messages.push('name part must be non-empty');
  else if (utf8Length(name) > LONGEST_NAME) messages.push(`name part ${tooLong()}`);
  if (!NAME.test(name)) messages.push(`name part ${NAME_MESSAGE}`);
  return messages;
}

function prefixMessages(prefix: string): string[] {
  const messages = prefix === '' ? ['must be non-empty'] : subdomainMessages(prefix);
  return messages.map((message) => `prefix part ${message}`);
}

function valueMessages(value: string): string[] {
  const messages = utf8Length(value) > LONGEST_NAME ? [tooLong()] : [];
  if (value !== '' && !NAME.test(value)) messages.push(VALUE_MESSAGE);
  return messages;
}

function tooLong(): string {
  return `must be no more than ${LONGEST_NAME} characters`;
}
