import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import type { Operation, Parameter } from './document.ts';
import type { Known } from './schema-values.ts';
import { anyText, someOf, valuesOf } from './schema-values.ts';

/** A request as it is sent. */
export interface FuzzedRequest {
  /** The mistake in the request, or that the request is valid. */
  readonly mistake: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A request before it is written down. */
interface Draft {
  readonly mistake: string;
  readonly method: string;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [string, unknown])[];
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** The body as it goes out, where it is not JSON. */
  readonly text?: string | undefined;
  /** Instead of a value's own bytes, where the percent signs are the mistake. */
  readonly rawTarget?: string | undefined;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND'];
const CONTENT_TYPES = [
  'text/plain',
  'text/csv',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json;;;',
  'application/x-protobuf',
  'json',
  '',
];
const BROKEN_TARGETS = ['%', '%zz', '%ff%fe', '%00', '%2e%2e%2f', '%c0%af', '+', ';', '//', '?', '?&&=&=x&['];
const TEXT = 'x'.repeat(5_000);

/** Requests for an operation: of three two are as its document says, and each third has one mistake. */
export function requestsFor(operation: Operation, known: Known): Arbitrary<FuzzedRequest> {
  const valid = draftsOf(operation, known);
  const mistakes = Object.entries(MISTAKES).map(([mistake, spoil]) =>
    valid.chain((draft) => spoil(draft, operation).map((spoilt) => ({ ...spoilt, mistake }))),
  );
  const drafts = fc.oneof(
    { weight: 2 * mistakes.length, arbitrary: valid },
    ...mistakes.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
  return drafts.map((draft) => written(draft, operation));
}

function draftsOf({ method, parameters = [], requestBody }: Operation, known: Known): Arbitrary<Draft> {
  const [content] = Object.values(requestBody?.content ?? {});
  return fc
    .record({
      path: valuesIn('path', parameters, known),
      query: valuesIn('query', parameters, known),
      headers: valuesIn('header', parameters, known),
      ...(content && { body: valuesOf(content.schema, known) }),
    })
    .map(({ query, ...draft }) => ({
      ...draft,
      query: Object.entries(query),
      mistake: 'none',
      method: method.toUpperCase(),
    }));
}

function valuesIn(
  place: Parameter['in'],
  parameters: readonly Parameter[],
  known: Known,
): Arbitrary<Readonly<Record<string, unknown>>> {
  const here = parameters.filter((parameter) => parameter.in === place);
  const model = Object.fromEntries(here.map(({ name, schema }) => [name, valuesOf(schema, known, name)]));
  const requiredKeys = here.filter(({ required }) => required === true).map(({ name }) => name);
  return someOf(model, requiredKeys);
}

/** Mistakes of callers. */
const MISTAKES: Readonly<Record<string, (draft: Draft, operation: Operation) => Arbitrary<Draft>>> = {
  'a value of another kind in the path': (draft) => replaced(draft.path).map((path) => ({ ...draft, path })),
  'a value of another kind in the query': (draft, { parameters = [] }) => {
    const names = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
    const pairs = fc.array(fc.tuple(fc.constantFrom(...names, 'nonsense'), anyText), {
      minLength: 1,
      maxLength: 3,
    });
    return pairs.map((more) => ({ ...draft, query: [...draft.query, ...more] }));
  },
  'nothing of what is required': (draft) => fc.constant({ ...draft, query: [], body: {} }),
  'something of the body left out or of another kind': (draft) =>
    mutated(draft.body).map((body) => ({ ...draft, body })),
  'a body that is something else': (draft) => fc.jsonValue().map((body) => ({ ...draft, body })),
  'a body that is no JSON': (draft) =>
    fc
      .tuple(fc.nat(), anyText)
      .map(([at, noise]) => ({ ...draft, text: cut(JSON.stringify(draft.body ?? {}), at) + noise })),
  'a body that is too large or too deep': (draft) =>
    fc
      .constantFrom(
        JSON.stringify({ message: 'x'.repeat(70_000) }),
        JSON.stringify(Array.from({ length: 30_000 }, () => 0)),
        '['.repeat(20_000) + ']'.repeat(20_000),
        `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
        JSON.stringify({ query: 'x'.repeat(1_500_000) }),
      )
      .map((text) => ({ ...draft, text })),
  'another method': (draft) => fc.constantFrom(...METHODS).map((method) => ({ ...draft, method })),
  'another content type': (draft) =>
    fc
      .constantFrom(...CONTENT_TYPES)
      .map((type) => ({ ...draft, headers: { ...draft.headers, 'content-type': type } })),
  'a target that cannot be read': (draft) =>
    fc.constantFrom(...BROKEN_TARGETS).map((rawTarget) => ({ ...draft, rawTarget })),
  'a very long value': (draft, { parameters = [] }) => {
    const at = parameters.find((each) => each.in !== 'header');
    const name = at?.name ?? 'x';
    return fc
      .constantFrom(TEXT, TEXT.repeat(5))
      .map((text) =>
        at?.in === 'path'
          ? { ...draft, path: { ...draft.path, [name]: text } }
          : { ...draft, query: [...draft.query, [name, text] as const] },
      );
  },
  'strange headers': (draft) =>
    fc
      .dictionary(
        fc.constantFrom(
          'accept',
          'accept-encoding',
          'authorization',
          'baggage',
          'content-encoding',
          'cookie',
          'expect',
          'forwarded',
          'host',
          'if-none-match',
          'last-event-id',
          'origin',
          'range',
          'traceparent',
          'tracestate',
          'x-forwarded-for',
          'x-honeycomb-team',
          'x-request-timeout-ms',
        ),
        fc.oneof(
          anyText,
          fc.constantFrom('text/html', 'gzip', '100-continue', '5', 'null', 'x'.repeat(3_000)),
        ),
        { minKeys: 1, maxKeys: 3 },
      )
      .map((headers) => ({ ...draft, headers: { ...draft.headers, ...headers } })),
};

/** One of the values another. */
function replaced(values: Readonly<Record<string, unknown>>): Arbitrary<Readonly<Record<string, unknown>>> {
  const names = Object.keys(values);
  if (names.length === 0) return fc.constant(values);
  return fc.tuple(fc.constantFrom(...names), anyText).map(([name, text]) => ({ ...values, [name]: text }));
}

/** The value with one part, at any depth, removed, replaced by another type, or with an unknown property beside it. */
function mutated(value: unknown): Arbitrary<unknown> {
  const other = fc.oneof(fc.jsonValue({ maxDepth: 2 }), anyText);
  if (typeof value !== 'object' || value === null) return other;
  const names = Object.keys(value);
  const extra = fc
    .tuple(fc.constantFrom('nonsense', '__proto__', 'constructor', 'filters', ''), other)
    .map(([name, more]) => (Array.isArray(value) ? [...value, more] : withEntry(value, name, more)));
  if (names.length === 0) return fc.oneof(extra, other);
  const inner = fc.constantFrom(...names).chain((name) => {
    const without = Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
    if (Array.isArray(value))
      return mutated(value[Number(name)]).map((item) => value.with(Number(name), item) as unknown);
    return fc.oneof(
      fc.constant<unknown>(without),
      mutated(Reflect.get(value, name)).map((item) => withEntry(value, name, item)),
    );
  });
  return fc.oneof({ weight: 4, arbitrary: inner }, { weight: 1, arbitrary: extra });
}

/** Also where the name is `__proto__`. */
function withEntry(value: object, name: string, item: unknown): object {
  return Object.fromEntries([...Object.entries(value), [name, item]]);
}

function cut(text: string, at: number): string {
  return text.slice(0, at % (text.length + 1));
}

function written(draft: Draft, { path, requestBody }: Operation): FuzzedRequest {
  const { mistake, method, rawTarget } = draft;
  const filled = path.replace(/\{([^}]+)\}/gu, (_, name: string) => percentEncoded(draft.path[name]));
  const pairs = draft.query.flatMap(([name, value]) =>
    [value].flat().map((each) => `${percentEncoded(name)}=${percentEncoded(each)}`),
  );
  const target = filled + (pairs.length > 0 ? `?${pairs.join('&')}` : '') + (rawTarget ?? '');
  const body = draft.text ?? (draft.body === undefined ? undefined : JSON.stringify(draft.body));
  const type = requestBody === undefined && body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = Object.entries({ ...type, ...draft.headers }).map(([name, value]) => [
    name,
    headerValue(value),
  ]);
  return { mistake, method, target, headers: Object.fromEntries(headers), body };
}

/** Every byte that is not plain, as no client that repairs URLs is in between. */
function percentEncoded(value: unknown): string {
  return [...Buffer.from(String(value ?? ''))]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const hex = byte.toString(16).toUpperCase().padStart(2, '0');
      return /[\w.~-]/u.test(character) ? character : `%${hex}`;
    })
    .join('');
}

/** Bytes above 127 stay, as Latin-1; those that would end the header cannot be sent by a client. */
function headerValue(value: unknown): string {
  const text = Buffer.from(String(value)).toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/gu, '');
}
