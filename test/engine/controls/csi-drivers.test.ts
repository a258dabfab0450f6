import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/csi-drivers.js';

describeControl('csi-drivers', fixtures);
