import type { FindingRule } from '../finding.ts';
import { loggedError } from '../logged-error.ts';
import { attempts } from '../messages/attempts.ts';
import { lostProducer } from '../messages/lost-producer.ts';
import { waitingMessage } from '../messages/waiting-message.ts';
import { sameCallAtOnce } from '../same-call-at-once.ts';
import { impossibleId, impossibleSpan } from '../telemetry/impossible-span.ts';
import { lostContext } from '../telemetry/lost-context.ts';
import { tornTrace } from '../telemetry/torn-trace.ts';
import { wrongClock } from '../telemetry/wrong-clock.ts';
import { stoodStill } from '../waits/stood-still.ts';

/** The rules that only some traces may break: those of which `mayBreakOthers` of `usual-rules.ts` says so. */
export const OTHER_RULES: readonly FindingRule[] = [
  attempts,
  sameCallAtOnce,
  stoodStill,
  waitingMessage,
  loggedError,
  lostContext,
  lostProducer,
  tornTrace,
  wrongClock,
  impossibleId,
  impossibleSpan,
];
