import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/sysctls.js';

describeControl('sysctls', fixtures);
