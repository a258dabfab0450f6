import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/supplemental-groups.js';

describeControl('supplemental-groups', fixtures);
