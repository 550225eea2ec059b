import { clientError } from './beside/client-error.ts';
import { cutAttributes } from './beside/cut-attributes.ts';
import { deprecatedName } from './beside/deprecated-name.ts';
import { missingAttribute } from './beside/missing-attribute.ts';
import { namePerUser } from './beside/name-per-user.ts';
import { secret } from './beside/secret.ts';
import { twoNames } from './beside/two-names.ts';
import { unknownName } from './beside/unknown-name.ts';
import { unknownService } from './beside/unknown-service.ts';
import { unrecordedException } from './beside/unrecorded-exception.ts';
import { valueInName } from './beside/value-in-name.ts';
import { wrongKind } from './beside/wrong-kind.ts';
import { wrongType } from './beside/wrong-type.ts';
import type { Rule } from './rule.ts';
import { log001 } from './score/log-001.ts';
import { log002 } from './score/log-002.ts';
import { res001 } from './score/res-001.ts';
import { res002 } from './score/res-002.ts';
import { res003 } from './score/res-003.ts';
import { res004 } from './score/res-004.ts';
import { res005 } from './score/res-005.ts';
import { sdk001 } from './score/sdk-001.ts';
import { spa001 } from './score/spa-001.ts';
import { spa002 } from './score/spa-002.ts';
import { spa004 } from './score/spa-004.ts';
import { spa005 } from './score/spa-005.ts';

/** The specification's rules, which make the score. */
export const SCORE_RULES: readonly Rule[] = [
  ...[res001, res002, res003, res004, res005, sdk001],
  ...[spa001, spa002, spa004, spa005, log001, log002],
];

/** What else the conventions say. It changes no score. */
export const OTHER_RULES: readonly Rule[] = [
  ...[unknownService, twoNames, secret, deprecatedName, unknownName, wrongType, missingAttribute],
  ...[wrongKind, valueInName, namePerUser, clientError, unrecordedException, cutAttributes],
];
