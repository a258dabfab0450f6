import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/host-paths.js';

describeControl('host-paths', fixtures);
