import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/host-ports.js';

describeControl('host-ports', fixtures);
