import { utf8Length } from './byte-order.js';
import { type FieldError, invalid } from './violation.js';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_LENGTH = 253;
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** What Kubernetes has against a name that must be a DNS-1123 subdomain; `value` is what it reports. */
export function subdomainProblems(field: string, name: string, value: string = name): FieldError[] {
  return subdomainMessages(name).map((message) => invalid(field, value, message));
}

/** The same in words only. */
export function subdomainMessages(name: string): string[] {
  const messages: string[] = [];
  if (utf8Length(name) > SUBDOMAIN_LENGTH) {
    messages.push(`must be no more than ${SUBDOMAIN_LENGTH} characters`);
  }
  if (!SUBDOMAIN.test(name)) messages.push(SUBDOMAIN_MESSAGE);
  return messages;
}
