import { describeControl } from './control-case.js';
import { fixtures } from './fixtures/privilege-escalation.js';

describeControl('privilege-escalation', fixtures);
