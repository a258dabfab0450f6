import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/runtime-class.js';

describeControl('runtime-class', fixtures);
