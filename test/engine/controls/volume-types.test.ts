import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/volume-types.js';

describeControl('volume-types', fixtures);
