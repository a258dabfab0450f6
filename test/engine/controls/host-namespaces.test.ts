import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/host-namespaces.js';

describeControl('host-namespaces', fixtures);
