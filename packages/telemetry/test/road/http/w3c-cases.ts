import type { Headers } from './w3c-service.ts';

/** One request of a case, and the headers that the service must send. */
export interface Step {
  readonly headers: Headers;
  /** Whether the sent trace goes on, or the service starts a trace. */
  readonly trace: 'kept' | 'new';
  /** Tracestate members that must be sent, in this order. */
  readonly state?: readonly string[];
  /** Nothing may be sent in tracestate. */
  readonly noState?: true;
  /** Exact flags, two digits. */
  readonly flags?: string;
  /** Outgoing requests, 1 by default. */
  readonly calls?: number;
}

export type Cases = Readonly<Record<string, readonly Step[]>>;

export const TRACE_ID = '12345678901234567890123456789012';
export const PARENT_ID = '1234567890123456';
const ids = `${TRACE_ID}-${PARENT_ID}`;

const parent = (value: string): Headers => [['traceparent', value]];
const kept = (value: string): Step => ({ headers: parent(value), trace: 'kept' });
const restarted = (value: string): Step => ({ headers: parent(value), trace: 'new' });

/** A legal, unsampled parent with these tracestate headers, one each. */
const under = (...states: string[]): Headers => [
  ['traceparent', `00-${ids}-00`],
  ...states.map((state) => ['tracestate', state] as const),
];
const carried = (states: readonly string[], state: readonly string[]): Step => ({
  headers: under(...states),
  trace: 'kept',
  state,
});
const discarded = (...states: string[]): Step => ({
  headers: under(...states),
  trace: 'kept',
  noState: true,
});

const keyCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const printable = Array.from({ length: 0x5f }, (_, i) => String.fromCharCode(0x20 + i)).join('');
const allValueCharacters = printable.replace(/[,=]/g, '');
const members = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `bar${String(from + i).padStart(2, '0')}=${from + i}`);
const longKeys = [
  'z'.repeat(256),
  `${'t'.repeat(241)}@${'v'.repeat(14)}`,
  `${'t'.repeat(242)}@v`,
  `t@${'v'.repeat(15)}`,
];

/**
 * The 41 cases of the W3C's validation suite for Trace Context, by the suite's names, at the strict level, specification
 * level 2. Only the last case is new in level 2. Facts of w3c/trace-context, test/test.py, June 2026.
 */
export const SUITE: Cases = {
  both_traceparent_and_tracestate_missing: [{ headers: [], trace: 'new' }],
  traceparent_included_tracestate_missing: [kept(`00-${ids}-01`)],
  traceparent_duplicated: [
    {
      headers: [
        ['traceparent', `00-${TRACE_ID.slice(0, 31)}1-${PARENT_ID}-01`],
        ['traceparent', `00-${ids}-01`],
      ],
      trace: 'new',
    },
  ],
  traceparent_header_name: ['trace-parent', 'trace.parent'].map((name) => ({
    headers: [[name, `00-${ids}-01`]],
    trace: 'new',
  })),
  traceparent_header_name_valid_casing: ['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name) => ({
    headers: [[name, `00-${ids}-01`]],
    trace: 'kept',
  })),
  traceparent_version_0x00: [
    restarted(`00-${ids}-01.`),
    restarted(`00-${ids}-01-what-the-future-will-be-like`),
  ],
  traceparent_version_0xcc: [
    kept(`cc-${ids}-01`),
    kept(`cc-${ids}-01-what-the-future-will-be-like`),
    restarted(`cc-${ids}-01.what-the-future-will-be-like`),
  ],
  traceparent_version_0xff: [restarted(`ff-${ids}-01`)],
  traceparent_version_illegal_characters: [restarted(`.0-${ids}-01`), restarted(`0.-${ids}-01`)],
  traceparent_version_too_long: [restarted(`000-${ids}-01`), restarted(`0000-${ids}-01`)],
  traceparent_version_too_short: [restarted(`0-${ids}-01`)],
  traceparent_trace_id_all_zero: [restarted(`00-${'0'.repeat(32)}-${PARENT_ID}-01`)],
  traceparent_trace_id_illegal_characters: [
    restarted(`00-.${TRACE_ID.slice(1)}-${PARENT_ID}-01`),
    restarted(`00-${TRACE_ID.slice(0, 31)}.-${PARENT_ID}-01`),
  ],
  traceparent_trace_id_too_long: [restarted(`00-${TRACE_ID}3-${PARENT_ID}-01`)],
  traceparent_trace_id_too_short: [restarted(`00-${TRACE_ID.slice(0, 31)}-${PARENT_ID}-01`)],
  traceparent_parent_id_all_zero: [restarted(`00-${TRACE_ID}-${'0'.repeat(16)}-01`)],
  traceparent_parent_id_illegal_characters: [
    restarted(`00-${TRACE_ID}-.${PARENT_ID.slice(1)}-01`),
    restarted(`00-${TRACE_ID}-${PARENT_ID.slice(0, 15)}.-01`),
  ],
  traceparent_parent_id_too_long: [restarted(`00-${ids}7-01`)],
  traceparent_parent_id_too_short: [restarted(`00-${ids.slice(0, -1)}-01`)],
  traceparent_trace_flags_illegal_characters: [restarted(`00-${ids}-.0`), restarted(`00-${ids}-0.`)],
  traceparent_trace_flags_too_long: [restarted(`00-${ids}-001`)],
  traceparent_trace_flags_too_short: [restarted(`00-${ids}-1`)],
  traceparent_ows_handling: [
    kept(` 00-${ids}-01`),
    kept(`\t00-${ids}-01`),
    kept(`00-${ids}-01 `),
    kept(`00-${ids}-01\t`),
    kept(`\t 00-${ids}-01 \t`),
  ],
  tracestate_included_traceparent_missing: [
    { headers: [['tracestate', 'foo=1']], trace: 'new', noState: true },
    { headers: [['tracestate', 'foo=1,bar=2']], trace: 'new', noState: true },
  ],
  tracestate_included_traceparent_included: [carried(['foo=1,bar=2'], ['foo=1', 'bar=2'])],
  tracestate_header_name: ['trace-state', 'trace.state'].map((name) => ({
    headers: [...under(), [name, 'foo=1']],
    trace: 'kept',
    noState: true,
  })),
  tracestate_header_name_valid_casing: ['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name) => ({
    headers: [...under(), [name, 'foo=1']],
    trace: 'kept',
    state: ['foo=1'],
  })),
  tracestate_empty_header: [
    discarded(''),
    carried(['foo=1', ''], ['foo=1']),
    carried(['', 'foo=1'], ['foo=1']),
  ],
  tracestate_multiple_headers_different_keys: [
    carried(['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'], ['foo=1', 'bar=2', 'rojo=1', 'congo=2', 'baz=3']),
  ],
  tracestate_duplicated_keys: [
    carried(['foo=1,foo=1'], ['foo=1']),
    carried(['foo=1,foo=2'], ['foo=1']),
    carried(['foo=1', 'foo=1'], ['foo=1']),
    carried(['foo=1', 'foo=2'], ['foo=1']),
  ],
  tracestate_all_allowed_characters: [keyCharacters, `${keyCharacters}@a-z0-9_-*/`].map((key) =>
    carried([`${key}=${allValueCharacters}`], [`${key}=${allValueCharacters}`]),
  ),
  tracestate_ows_handling: [
    carried(['foo=1 \t , \t bar=2, \t baz=3'], ['foo=1', 'bar=2', 'baz=3']),
    carried(['foo=1\t \t,\t \tbar=2,\t \tbaz=3'], ['foo=1', 'bar=2', 'baz=3']),
    ...[' foo=1', '\tfoo=1', 'foo=1 ', 'foo=1\t', '\t foo=1 \t'].map((state) => carried([state], ['foo=1'])),
  ],
  tracestate_key_illegal_characters: ['foo =1', 'FOO=1', 'foo.bar=1'].map((state) => discarded(state)),
  tracestate_key_illegal_vendor_format: [
    carried(['foo@=1,bar=2'], ['foo@=1', 'bar=2']),
    discarded('@foo=1,bar=2'),
    carried(['foo@@bar=1,bar=2'], ['foo@@bar=1', 'bar=2']),
    carried(['foo@bar@baz=1,bar=2'], ['foo@bar@baz=1', 'bar=2']),
  ],
  tracestate_member_count_limit: [
    carried(
      [members(1, 10).join(), members(11, 20).join(), members(21, 30).join(), members(31, 32).join()],
      members(1, 32),
    ),
    discarded(members(1, 10).join(), members(11, 20).join(), members(21, 30).join(), members(31, 33).join()),
  ],
  tracestate_key_length_limit: [
    ...longKeys.map((key) => carried(['foo=1', `${key}=1`], ['foo=1', `${key}=1`])),
    discarded('foo=1', `${'z'.repeat(257)}=1`),
  ],
  tracestate_value_illegal_characters: [discarded('foo=bar=baz'), discarded('foo=,bar=3')],
  multiple_requests_with_valid_traceparent: [{ ...kept(`00-${ids}-01`), calls: 3 }],
  multiple_requests_without_traceparent: [{ headers: [], trace: 'new', calls: 3 }],
  multiple_requests_with_illegal_traceparent: [
    { ...restarted(`00-${'0'.repeat(32)}-${PARENT_ID}-01`), calls: 3 },
  ],
  propagates_random_flag: [{ ...kept(`00-${ids}-02`), flags: '02' }],
};

/** Cases that the suite lacks. */
export const BEYOND: Cases = {
  'upper-case hexadecimal digits are refused': [
    restarted(`00-${'ABCDEF'.repeat(5)}12-${PARENT_ID}-01`),
    restarted(`00-${TRACE_ID}-ABCDEF1234567890-01`),
    restarted(`00-${ids}-0A`),
    restarted(`CC-${ids}-01`),
  ],
  'the sampled flag is neither forced on nor off, the random flag neither': ['00', '01', '02', '03'].map(
    (flags) => ({ ...kept(`00-${ids}-${flags}`), flags }),
  ),
  'unknown flags are sent as zero': [
    { ...kept(`00-${ids}-fd`), flags: '01' },
    { ...kept(`00-${ids}-10`), flags: '00' },
    { ...kept(`cc-${ids}-ff-future`), flags: '01' },
  ],
  'a trace that starts here is sampled and has a random id': [{ headers: [], trace: 'new', flags: '03' }],
  'values of 256 characters pass, longer ones discard the list': [
    carried([`foo=${'v'.repeat(256)}`], [`foo=${'v'.repeat(256)}`]),
    discarded(`bar=1,foo=${'v'.repeat(257)}`),
  ],
  'an empty tracestate is not sent': [discarded(''), discarded(' \t '), discarded(',,'), discarded('', '')],
  'a tracestate over 512 characters is carried': [
    carried(
      Array.from({ length: 8 }, (_, i) => `key${i}=${'v'.repeat(250)}`),
      Array.from({ length: 8 }, (_, i) => `key${i}=${'v'.repeat(250)}`),
    ),
  ],
  'a duplicate traceparent is refused, also the same one and a later version': [
    { headers: [...parent(`00-${ids}-01`), ...parent(`00-${ids}-01`)], trace: 'new' },
    { headers: [...parent(`cc-${ids}-01-x`), ...parent(`cc-${ids}-01-x`)], trace: 'new' },
    restarted(`00-${ids}-01,00-${ids}-01`),
  ],
  'leading spaces of a value belong to it': [carried(['foo= 1,bar=2'], ['foo= 1', 'bar=2'])],
  'empty members are allowed': [carried(['foo=1,,bar=2', ',baz=3,'], ['foo=1', 'bar=2', 'baz=3'])],
};
