import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/privileged.js';

describeControl('privileged', fixtures);
