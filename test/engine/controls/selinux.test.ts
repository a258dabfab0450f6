import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/selinux.js';

describeControl('selinux', fixtures);
