/** Most characters of one message of an answer. */
export const LONGEST_MESSAGE = 1_000;

/** What is kept of a longer message's end, where GraphQL tells what is wrong with the value that it has repeated. */
const END = 300;

/**
 * A message as it may be sent: one that repeats what a client sent could have megabytes, and stand in an answer often. Its
 * middle is left out.
 */
export function shortened(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  return `${message.slice(0, LONGEST_MESSAGE - 1 - END)}…${message.slice(-END)}`;
}
