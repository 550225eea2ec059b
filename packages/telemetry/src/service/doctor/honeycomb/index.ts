export type { HoneycombKeyForm } from '../../../process/secrets/honeycomb.ts';
export {
  HONEYCOMB_EU,
  HONEYCOMB_US,
  honeycombBaseUrl,
  honeycombHeaders,
  isClassicForm,
} from '../../../process/secrets/honeycomb.ts';
export type { AcceptedKey, KeyCheck, KeyCheckOptions, RefusedKey, UncheckedKey } from './check-key.ts';
export { canSend, checkHoneycombKey } from './check-key.ts';
export { describeKeyCheck } from './describe-key-check.ts';
export type { MalformedKeyReason, ParsedHoneycombKey } from './key-form.ts';
export { describeMalformedKey, parseHoneycombKey } from './key-form.ts';
export type { HoneycombKey } from './key-source.ts';
export { findKey } from './key-source.ts';
export { acceptedHoneycombKey, logHoneycombKeyCheck } from './log-key-check.ts';
export type { HoneycombEndpoint } from './parse-endpoint.ts';
export { nameEndpoint, parseHoneycombEndpoint } from './parse-endpoint.ts';
