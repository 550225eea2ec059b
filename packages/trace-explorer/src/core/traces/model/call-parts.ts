import type { TraceModel } from './trace-model.ts';

/** The parts of a call in their order, as a browser's network panel has them. */
const PARTS = [
  ['waiting', 'waiting for a connection'],
  ['dns', 'looking up the name'],
  ['connecting', 'connecting'],
  ['tls', 'TLS'],
  ['firstByte', 'waiting for the first byte'],
  ['receiving', 'receiving'],
] as const;

/** The parts of a call that its client measured, in milliseconds, the first one first. */
export function callParts(model: TraceModel, index: number) {
  const parts = PARTS.map(([name, words]) => ({ name, words, ms: model[name](index) }));
  return parts.filter(({ ms }) => ms > 0);
}
