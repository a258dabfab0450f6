import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/run-as-user.js';

describeControl('run-as-user', fixtures);
