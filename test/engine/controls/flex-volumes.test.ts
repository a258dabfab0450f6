import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/flex-volumes.js';

describeControl('flex-volumes', fixtures);
