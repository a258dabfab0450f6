import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/proc-mount.js';

describeControl('proc-mount', fixtures);
