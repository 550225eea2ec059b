import type { VerifyRule } from './rule.ts';
import { cutAttributes } from './rules/others/cut-attributes.ts';
import { deprecatedName } from './rules/others/deprecated-name.ts';
import { earlyChild } from './rules/others/early-child.ts';
import { clientError, serverError, unrecordedException } from './rules/others/error-status.ts';
import { missingAttribute } from './rules/others/missing-attribute.ts';
import { movedSpan } from './rules/others/moved-span.ts';
import { namePerUser } from './rules/others/name-per-user.ts';
import { secret } from './rules/others/secret.ts';
import { twoNames, unknownService } from './rules/others/service-names.ts';
import { unknownName } from './rules/others/unknown-name.ts';
import { valueInName } from './rules/others/value-in-name.ts';
import { wrongKind } from './rules/others/wrong-kind.ts';
import { wrongType } from './rules/others/wrong-type.ts';
import { wrongValue } from './rules/others/wrong-value.ts';
import { log001, log002 } from './rules/scored/logs.ts';
import { res004 } from './rules/scored/res-004.ts';
import { res001, res002, res003, res005 } from './rules/scored/resources.ts';
import { sdk001 } from './rules/scored/sdk-001.ts';
import { spa001, spa002, spa004, spa005 } from './rules/scored/spans.ts';

/** All rules in the order in which they are shown. Rules with an impact make the score. */
export const VERIFY_RULES = {
  'RES-001': res001,
  'RES-002': res002,
  'RES-003': res003,
  'RES-004': res004,
  'RES-005': res005,
  'SDK-001': sdk001,
  'SPA-001': spa001,
  'SPA-002': spa002,
  'SPA-004': spa004,
  'SPA-005': spa005,
  'LOG-001': log001,
  'LOG-002': log002,
  'unknown-service': unknownService,
  'two-names': twoNames,
  'moved-span': movedSpan,
  secret,
  'deprecated-name': deprecatedName,
  'unknown-name': unknownName,
  'wrong-type': wrongType,
  'wrong-value': wrongValue,
  'missing-attribute': missingAttribute,
  'wrong-kind': wrongKind,
  'value-in-name': valueInName,
  'name-per-user': namePerUser,
  'client-error': clientError,
  'server-error': serverError,
  'early-child': earlyChild,
  'unrecorded-exception': unrecordedException,
  'cut-attributes': cutAttributes,
} satisfies Record<string, VerifyRule>;
