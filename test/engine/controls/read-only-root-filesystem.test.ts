import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/read-only-root-filesystem.js';

describeControl('read-only-root-filesystem', fixtures);
