import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/apparmor.js';

describeControl('apparmor', fixtures);
