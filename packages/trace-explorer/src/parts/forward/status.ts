import type { Static } from 'typebox';
import Type from 'typebox';

const Counts = Type.Object({
  taken: Type.Integer({ description: 'since the start' }),
  forwarded: Type.Integer(),
  waiting: Type.Integer({ description: 'on disk' }),
  refused: Type.Integer({ description: 'not taken there' }),
  dropped: Type.Integer({ description: 'the room on disk was full, or the disk failed' }),
});

/** The data that the explorer sends on (EXPLORER_FORWARD). */
export const ForwardStatus = Type.Object({
  to: Type.String({ description: 'the address, without parts that may be secret' }),
  is_honeycomb: Type.Boolean(),
  traces: Counts,
  logs: Counts,
  metrics: Type.Object(Counts.properties, {
    description: 'requests of metrics, which only the receiver there keeps',
  }),
  problems: Type.Array(Type.String()),
});

export type ForwardStatus = Static<typeof ForwardStatus>;

declare module '../../core/status.ts' {
  interface PartStatus {
    readonly forward?: ForwardStatus;
  }
}
