import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/capabilities.js';

describeControl('capabilities', fixtures);
