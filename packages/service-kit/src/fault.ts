/** Header and baggage entry that ask for a fault; also the attribute of the span that it happened in. */
export const FAULT = 'tandem.fault';

/** All faults, as `part:kind`, with the numbers that they take. No delay is longer than any timeout that it shows. */
const FAULTS = {
  'user-lookup:delay': [1, 10_000],
  'user-lookup:error': [400, 599],
  'user-lookup:abort': undefined,
  'database:delay': [1, 10_000],
  'activities-api:n-plus-one': undefined,
  'activities-api:drop-context': undefined,
  'activities-api:log-levels': undefined,
  'activities-api:throw': undefined,
} as const;

type KindOf<Name> = Name extends `${string}:${infer Kind}` ? Kind : never;

/** Something that goes wrong on purpose, for one request. */
export interface Fault {
  readonly text: string;
  readonly part: string;
  readonly kind: KindOf<keyof typeof FAULTS>;
  /** Milliseconds of a delay, status of an error; 0 for the others. */
  readonly value: number;
}

/** The forms of all faults, for the message about a text that has none of them. */
export const FAULT_FORMS = Object.entries(FAULTS).map(([name, range]) =>
  range === undefined ? name : `${name}=<${range[0]} to ${range[1]}>`,
);

/** Reads a fault; undefined for a text that has none of the forms. */
export function parseFault(text: string): Fault | undefined {
  const [, name = '', digits] = /^([a-z-]+:[a-z-]+)(?:=(\d{1,5}))?$/.exec(text) ?? [];
  if (!Object.hasOwn(FAULTS, name)) return undefined;
  const range = FAULTS[name as keyof typeof FAULTS];
  const value = Number(digits ?? 0);
  const isValid = range === undefined ? digits === undefined : value >= range[0] && value <= range[1];
  const [part = '', kind] = name.split(':');
  return isValid ? { text, part, kind: kind as Fault['kind'], value } : undefined;
}
