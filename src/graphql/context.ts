import type { RequestContext } from '../http/request-context.js';
import type { OperationContext } from '../operations/context.js';
import { ListTurns } from './list-turns.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What every resolver gets: the operation's context and what has been read in this request. */
export class GraphqlContext {
  readonly operation: OperationContext;
  /** Adds the request's id to every line. */
  readonly logger: RequestContext['logger'];
  /** In which long lists are completed. */
  readonly turns = new ListTurns();
  private reads: Loaders;

  constructor(operation: OperationContext, logger: RequestContext['logger']) {
    this.operation = operation;
    this.logger = logger;
    this.reads = createLoaders(operation);
  }

  /** What was read once in this request isn't read again; other requests and callers never see it. */
  get loaders(): Loaders {
    return this.reads;
  }

  /** Forgets what was read: a mutation has changed it, and the next fields of the request must see the change. */
  forgetReads(): void {
    this.reads = createLoaders(this.operation);
  }
}
