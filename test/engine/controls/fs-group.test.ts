import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/fs-group.js';

describeControl('fs-group', fixtures);
