import type { Attributes } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';

/**
 * How much an attribute is asked for. Conditions that a finished span cannot answer ("if available") are kept as
 * text; where it can, `when` decides.
 */
export type Requirement =
  | { readonly level: 'required' | 'recommended' | 'opt_in' }
  | { readonly level: 'conditionally_required'; readonly condition: string; readonly when?: Condition };

/** Whether the condition holds, as far as the span shows. */
export type Condition = (facts: SpanFacts) => boolean;

/** What conditions may ask of a span. */
export interface SpanFacts {
  readonly attributes: Attributes;
  /** Status Error. */
  readonly failed: boolean;
}

/** A kind of span that the conventions define. */
export interface SpanModel {
  readonly id: string;
  /** Allowed span kinds. */
  readonly kinds: readonly ('CLIENT' | 'SERVER' | 'INTERNAL')[];
  readonly attributes: Readonly<Record<string, Requirement>>;
}

const required: Requirement = { level: 'required' };
const recommended: Requirement = { level: 'recommended' };
const optIn: Requirement = { level: 'opt_in' };

function ifTrue(condition: string, when?: Condition): Requirement {
  return { level: 'conditionally_required', condition, ...(when ? { when } : {}) };
}

const HTTP_COMMON: SpanModel['attributes'] = {
  'http.request.method': required,
  'http.request.method_original': ifTrue(
    'it differs from http.request.method',
    ({ attributes }) => attributes['http.request.method'] === '_OTHER',
  ),
  'http.request.header.': optIn,
  'http.response.header.': optIn,
  'http.request.size': optIn,
  'http.response.size': optIn,
  'http.request.body.size': optIn,
  'http.response.body.size': optIn,
  'error.type': ifTrue('the request has ended with an error', ({ failed }) => failed),
  'network.protocol.name': ifTrue('it is not http and network.protocol.version is set'),
  'network.protocol.version': recommended,
  'network.peer.address': recommended,
  'network.peer.port': recommended,
  'network.transport': optIn,
  'user_agent.synthetic.type': optIn,
};

/** A request received. */
const HTTP_SERVER: SpanModel = {
  id: 'span.http.server',
  kinds: ['SERVER'],
  attributes: {
    ...HTTP_COMMON,
    // A span without it and without an error has lost it: a server that is done has sent one.
    'http.response.status_code': ifTrue('one was sent', ({ failed }) => !failed),
    'http.route': ifTrue('it is available'),
    'server.address': recommended,
    'server.port': ifTrue('it is available and server.address is set', isNetworkServer),
    'url.path': required,
    'url.query': ifTrue('one was received'),
    'url.scheme': required,
    'user_agent.original': recommended,
    'client.address': recommended,
    'client.port': optIn,
    'network.local.address': optIn,
    'network.local.port': optIn,
  },
};

/** A request sent. */
const HTTP_CLIENT: SpanModel = {
  id: 'span.http.client',
  kinds: ['CLIENT'],
  attributes: {
    ...HTTP_COMMON,
    // Not decidable: a request that its caller cancelled is no error and has no response.
    'http.response.status_code': ifTrue('one was received'),
    'http.request.resend_count': recommended,
    'server.address': required,
    'server.port': required,
    'url.full': required,
    'url.scheme': optIn,
    'url.template': optIn,
    'user_agent.original': optIn,
  },
};

/** A statement for a database. INTERNAL is for databases inside the process. */
const DB_CLIENT: SpanModel = {
  id: 'span.db.client',
  kinds: ['CLIENT', 'INTERNAL'],
  attributes: {
    'db.system.name': required,
    'db.collection.name': ifTrue('the call is for a single collection'),
    'db.namespace': ifTrue('it is available'),
    'db.operation.name': ifTrue('a single operation name describes the call'),
    'db.operation.batch.size': recommended,
    'db.operation.parameter.': optIn,
    'db.query.parameter.': optIn,
    'db.query.summary': recommended,
    'db.query.text': recommended,
    'db.response.returned_rows': optIn,
    'db.response.status_code': ifTrue('the operation failed and a code is available'),
    'db.stored_procedure.name': recommended,
    'error.type': ifTrue('the operation failed', ({ failed }) => failed),
    'network.peer.address': recommended,
    'network.peer.port': recommended,
    'network.transport': optIn,
    'network.type': optIn,
    'server.address': recommended,
    'server.port': ifTrue('it is not the default port and server.address is set'),
  },
};

/** Any other span. */
const OTHER: SpanModel = {
  id: 'span',
  kinds: [],
  attributes: { 'error.type': ifTrue('the operation failed', ({ failed }) => failed) },
};

/** The model for a span, by its attributes and kind. */
export function modelOf(attributes: Attributes, kind: SpanKind): SpanModel {
  const keys = Object.keys(attributes);
  if (keys.some((key) => key.startsWith('db.'))) return DB_CLIENT;
  const isEdge = kind === SpanKind.SERVER || kind === SpanKind.CLIENT;
  const isHttp =
    'http.request.method' in attributes ||
    (isEdge && keys.some((key) => key.startsWith('http.') || key.startsWith('url.')));
  if (!isHttp) return OTHER;
  return kind === SpanKind.CLIENT ? HTTP_CLIENT : HTTP_SERVER;
}

/** Sockets in the file system have no port. */
function isNetworkServer({ attributes }: SpanFacts): boolean {
  const address = attributes['server.address'];
  return typeof address === 'string' && !address.startsWith('/');
}
