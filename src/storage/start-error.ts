/** Why the service can't start, in one line that says what to do. The line is all that an operator needs to see. */
export class StartError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StartError';
  }
}
