import type { DroppedBaggage } from '../../context/baggage.ts';
import { renderFamily } from './render-family.ts';

const DROPPED = {
  name: 'tandem_baggage_members_dropped_total',
  type: 'counter',
  help: 'Baggage members that were not carried: W3C Baggage asks for 64 of 8192 bytes together.',
} as const;

/** Baggage members that were not carried, by reason, in Prometheus' text format. */
export function renderDroppedBaggage({ tooMany, tooLarge, malformed }: Readonly<DroppedBaggage>): string {
  return renderFamily(DROPPED, [
    [{ reason: 'too_many' }, tooMany],
    [{ reason: 'too_large' }, tooLarge],
    [{ reason: 'malformed' }, malformed],
  ]);
}
