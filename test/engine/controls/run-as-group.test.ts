import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/run-as-group.js';

describeControl('run-as-group', fixtures);
