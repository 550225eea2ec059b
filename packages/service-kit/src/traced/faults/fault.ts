/** Something that goes wrong on purpose, for one request. */
export type Fault =
  | { readonly text: string; readonly part: string; readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly text: string; readonly part: string; readonly kind: 'error'; readonly status: number }
  | {
      readonly text: string;
      readonly part: string;
      readonly kind: 'abort' | 'n-plus-one' | 'drop-context' | 'log-levels' | 'throw';
    };

/** Header and baggage entry that ask for a fault; also the attribute of the span that it happened in. */
export const FAULT = 'tandem.fault';

/** Longest delay that a request may ask for: longer than any timeout that it could make visible. */
const MAX_DELAY_MS = 10_000;

/** The forms of all faults, for the message about a text that has none of them. */
export const FAULT_FORMS = [
  `user-lookup:delay=<1 to ${MAX_DELAY_MS} milliseconds>`,
  'user-lookup:error=<400 to 599>',
  'user-lookup:abort',
  `database:delay=<1 to ${MAX_DELAY_MS} milliseconds>`,
  'activities-api:n-plus-one',
  'activities-api:drop-context',
  'activities-api:log-levels',
  'activities-api:throw',
] as const;

/**
 * Reads a fault; undefined for a text that has none of the forms.
 *
 * @example
 * parseFault('database:delay=200'); // { part: 'database', kind: 'delay', milliseconds: 200, text: … }
 */
export function parseFault(text: string): Fault | undefined {
  const match = /^(user-lookup|database|activities-api):([a-z-]{1,20})(?:=(\d{1,5}))?$/.exec(text);
  const [, part = '', kind = '', digits] = match ?? [];
  const value = digits === undefined ? undefined : Number(digits);
  switch (`${part}:${kind}`) {
    case 'user-lookup:delay':
    case 'database:delay':
      if (value === undefined || value < 1 || value > MAX_DELAY_MS) return undefined;
      return { text, part, kind: 'delay', milliseconds: value };
    case 'user-lookup:error':
      if (value === undefined || value < 400 || value > 599) return undefined;
      return { text, part, kind: 'error', status: value };
    case 'user-lookup:abort':
    case 'activities-api:n-plus-one':
    case 'activities-api:drop-context':
    case 'activities-api:log-levels':
    case 'activities-api:throw':
      return value === undefined && !text.includes('=') ? { text, part, kind: kind as 'abort' } : undefined;
    default:
      return undefined;
  }
}
