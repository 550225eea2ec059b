/** Something that goes wrong on purpose, for one request. */
export type Fault =
  | { readonly text: string; readonly part: string; readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly text: string; readonly part: string; readonly kind: 'error'; readonly status: number }
  | { readonly text: string; readonly part: string; readonly kind: 'abort' | 'n-plus-one' | 'drop-context' };

/** Header and baggage entry that ask for a fault; also the attribute of the span that it happened in. */
export const FAULT = 'tandem.fault';

const MAX_DELAY = 10_000; // milliseconds

/** Every fault there is, as it is written; for the message about one that is not. */
export const FAULT_FORMS = [
  `user-lookup:delay=<1 to ${MAX_DELAY} milliseconds>`,
  'user-lookup:error=<400 to 599>',
  'user-lookup:abort',
  `database:delay=<1 to ${MAX_DELAY} milliseconds>`,
  'activities-api:n-plus-one',
  'activities-api:drop-context',
] as const;

/** Reads a fault; undefined when it has none of the forms. */
export function parseFault(text: string): Fault | undefined {
  const match = /^(user-lookup|database|activities-api):([a-z-]{1,20})(?:=(\d{1,5}))?$/.exec(text);
  const [, part = '', kind = '', digits] = match ?? [];
  const value = digits === undefined ? undefined : Number(digits);
  switch (`${part}:${kind}`) {
    case 'user-lookup:delay':
    case 'database:delay':
      if (value === undefined || value < 1 || value > MAX_DELAY) return undefined;
      return { text, part, kind: 'delay', milliseconds: value };
    case 'user-lookup:error':
      if (value === undefined || value < 400 || value > 599) return undefined;
      return { text, part, kind: 'error', status: value };
    case 'user-lookup:abort':
    case 'activities-api:n-plus-one':
    case 'activities-api:drop-context':
      return value === undefined && !text.includes('=') ? { text, part, kind: kind as 'abort' } : undefined;
    default:
      return undefined;
  }
}
