export type { AcceptedKey, KeyCheck, KeyCheckOptions, RefusedKey } from './check-key.ts';
export { canSend, checkHoneycombKey } from './check-key.ts';
export { describeKeyCheck } from './describe-key-check.ts';
export type { HoneycombEndpoint } from './endpoint.ts';
export {
  HONEYCOMB_EU,
  HONEYCOMB_US,
  honeycombTracesUrl,
  nameEndpoint,
  parseHoneycombEndpoint,
} from './endpoint.ts';
export type { HoneycombKeyForm, MalformedKeyReason, ParsedHoneycombKey } from './key-form.ts';
export { describeMalformedKey, honeycombHeaders, isClassicForm, parseHoneycombKey } from './key-form.ts';
export type { HoneycombKey } from './key-source.ts';
export { findKey } from './key-source.ts';
export { acceptedHoneycombKey, sayHoneycombKey } from './say-key.ts';
