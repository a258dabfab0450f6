import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/seccomp.js';

describeControl('seccomp', fixtures);
