import { LEVELS } from '../../../lib/text/log-levels.ts';
import { aliasesOf } from '../../conventions/attributes.ts';
import { NO_ERROR } from '../../query/build/failed-spans.ts';
import { firstField, readField } from '../../store/read/field-sql.ts';
import type { Field, SpanStore } from '../../store/store.ts';
import { GENERATIVE_FIELDS } from '../model/agents/generative-fields.ts';
import { pathShapeSql, statementKeySql, statementShapeSql } from '../model/shapes.ts';
import type { FactName } from '../model/span-facts.ts';
import { METHOD_ALONE, TEST_RUNNER_PREFIX } from '../model/span-facts.ts';
import { FRAME, LIBRARY } from '../model/stack-frames.ts';
import { NAMES } from './meanings.ts';

/** A smaller answer does not tell why something took long. */
const LEAST_ROWS = 100;
const LEAST_BYTES = 64 * 1024;
/** Nobody reads a longer line as a frame. */
const LONGEST_FRAME = 300;

/** Databases whose commands are of one key. */
const KEY_VALUE = ['redis', 'valkey', 'memcached'];

export type SpanColumns = ReturnType<typeof spanColumns>;

/** A quarter of what is slow, in milliseconds: of shorter calls nobody compares the arguments between traces. */
const LEAST_ASKED_MS = 47;

/**
 * SQL expressions over table `spans` for the fields that traces are made of; `NULL` where no span has the field. A sender
 * may have used one of these names with another type: such values are cast.
 */
export function spanColumns(store: Pick<SpanStore, 'fields'>) {
  const fields = store.fields();
  const read = (name: string, type: string) => readField(fields, name, type);
  const first = (...names: readonly string[]) => firstField(fields, ...names);
  const largeSql = (names: readonly string[], least: number) => {
    const number = `coalesce(${names.map((name) => read(name, 'DOUBLE')).join(', ')}, 0)`;
    return `CASE WHEN ${number} >= ${least} THEN ${number} END`;
  };
  const system = first(...NAMES.databaseSystem);
  const namespace = first(...NAMES.databaseName);
  const statement = first(...NAMES.statement);
  const plain = `CASE WHEN NOT regexp_matches(${statement}, '[?]|[$@:%][0-9A-Za-z_(]|REDACTED') THEN ${namespace} || ' ' || ${statement} END`;
  const host = first(...NAMES.host);
  const path = `coalesce(${first(...NAMES.path)} || coalesce('?' || ${read('url.query', 'VARCHAR')}, ''), ${read('http.target', 'VARCHAR')})`;
  const plainPath = `regexp_extract(${path}, '^[^?#]*')`;
  const fullUrl = first(...NAMES.url);
  const url = `coalesce(${fullUrl}, ${host} || ' ' || ${path})`;
  // An address without a path, such as `10.0.0.1:8083`, does not name the resource.
  const asked = `coalesce(CASE WHEN regexp_matches(${url}, '^([a-z]+://)?[^/]*/') THEN ${url} END, ${plain})`;
  // Kafka gives a message no id, but a place, where each group takes it by itself.
  const offset = first(...aliasesOf('kafka.offset'));
  const place = ['consumer.group.name', 'destination.name', 'destination.partition.id'].map((name) =>
    first(...aliasesOf(`messaging.${name}`)),
  );
  const message = `coalesce(${first('messaging.message.id', 'bullmq.job.id')}, CASE WHEN ${offset} IS NOT NULL THEN concat_ws(' ', ${place.join(', ')}, ${offset}) END)`;
  const kind = read('span.kind', 'VARCHAR');
  const error = errorSql(fields.get('error'));
  const isLogged = `NOT ${error} AND ${read('severity_code', 'BIGINT')} >= ${LEVELS.error}`;
  const isDatabase = anyOf(fields, NAMES.databaseSystem);
  const isCall = `(${kind} IN ('client', 'unspecified') OR (${kind} = 'internal' AND ${isDatabase}))`;
  const part = (name: string) => read(`tandem.call.${name}_ms`, 'DOUBLE');
  const size = read('tandem.call.pool_size', 'BIGINT');
  const shape = statementShapeSql(statement);
  const hasStatement = `coalesce(${isCall} AND ${statement} IS NOT NULL, false)`;
  const key = `regexp_extract(${statement}, '^\\s*\\S+\\s+(\\S+)', 1)`;
  const isMethodAlone = `regexp_full_match(trim(${read('name', 'VARCHAR')}), '${METHOD_ALONE}')`;
  const target = `CASE WHEN (${isCall} OR ${kind} = 'server') AND ${isMethodAlone} THEN
      CASE WHEN ${kind} = 'server' THEN ${plainPath} ELSE coalesce(regexp_extract(${fullUrl}, '^[a-z]+://(?:[^/@]*@)?([^?#]+)', 1), ${host} || coalesce(${plainPath}, '')) END END`;
  const frame = ownFrame(read('exception.stacktrace', 'VARCHAR'), read('tandem.code.folder', 'VARCHAR'));
  return {
    traceId: read('trace.trace_id', 'VARCHAR'),
    spanId: read('trace.span_id', 'VARCHAR'),
    parentId: read('trace.parent_id', 'VARCHAR'),
    name: read('name', 'VARCHAR'),
    service: `coalesce(${read('service.name', 'VARCHAR')}, _dataset)`,
    kind,
    error,
    statusMessage: read('status_message', 'VARCHAR'),
    /** HTTP's or gRPC's status code, as text. */
    statusCode: first(...NAMES.status),
    /** The exception's message, else the text of `error`, else `error.type`. */
    problem: `coalesce(${read('exception.message', 'VARCHAR')}, ${errorText(fields.get('error'))}, ${read('error.type', 'VARCHAR')})`,
    /** The message of a failed span's exception, else the exception's type. */
    exception: `CASE WHEN ${error} THEN coalesce(nullif(${read('exception.message', 'VARCHAR')}, ''), ${read('exception.type', 'VARCHAR')}) END`,
    exceptionType: `CASE WHEN ${error} THEN ${read('exception.type', 'VARCHAR')} END`,
    /** The first frame of the app in the stack of a failed span's exception. */
    frame: `CASE WHEN ${error} THEN ${frame} END`,
    /** The exception of an error that was logged in a span without one, and its frame: a span has no level of its own. */
    logged: `CASE WHEN ${isLogged} THEN concat_ws(': ', ${read('exception.type', 'VARCHAR')}, nullif(${read('exception.message', 'VARCHAR')}, '')) END`,
    loggedFrame: `CASE WHEN ${isLogged} THEN ${frame} END`,
    line: codeLine(first),
    function: first(...NAMES.codeFunction),
    loop: read('tandem.loop', 'VARCHAR'),
    /** Route or template of the URL. */
    route: first('http.route', 'url.template'),
    hostId: read('host.id', 'VARCHAR'),
    hostName: read('host.name', 'VARCHAR'),
    instance: read('service.instance.id', 'VARCHAR'),
    tool: first(...NAMES.tool),
    queue: first(...NAMES.destination, 'bullmq.queue.name'),
    message: `CASE WHEN ${message} IS NOT NULL THEN ${numberOf(message)} END`,
    events: read('span.num_events', 'BIGINT'),
    links: read('span.num_links', 'BIGINT'),
    /** The condition that `database` has a value: on one column, so that DuckDB skips rows before reading others. */
    isDatabase,
    /**
     * A number above 0 for a CLIENT span or a statement, equal for equal arguments: the URL, or a statement without
     * placeholders. NULL when the arguments are unknown.
     */
    call: `CASE WHEN ${isCall} AND ${asked} IS NOT NULL THEN ${numberOf(asked)} END`,
    /** The same of a GET that takes long enough for its arguments to be compared between traces. */
    asked: `CASE WHEN ${isCall} AND ${asked} IS NOT NULL AND ${read('duration_ms', 'DOUBLE')} >= ${LEAST_ASKED_MS} AND regexp_matches(${read('name', 'VARCHAR')}, '^(HTTP )?GET\\b') THEN ${numberOf(asked)} END`,
    /** A number above 0 for a call of a key-value store, equal for equal keys: a command's second word is its key, or the first of them. */
    resource: `CASE WHEN ${isCall} AND lower(${system}) IN (${quoted(KEY_VALUE)}) AND ${key} <> '' THEN ${numberOf(`concat_ws(' ', ${namespace}, ${key})`)} END`,
    /** A number above 0 for a call with a statement, equal for statements that differ only in their values. */
    statement: `CASE WHEN ${hasStatement} THEN ${numberOf(shape)} END`,
    /** Whether `statement` has a number, which costs no pattern. */
    hasStatement,
    /** The called host and path, or of a request its own path, without a query, of a span whose name is only a method. For sentences. */
    target,
    shape: `CASE WHEN ${hasStatement} THEN ${statementKeySql(shape)} ELSE ${pathShapeSql(target)} END`,
    /** JSON: the functions that ran in the span's own time; see `own-time.ts`. */
    ownTime: read('tandem.own_time', 'VARCHAR'),
    /** Events tell of them: see `read-stalls.ts`. */
    stalls: 'NULL',
    /** Other calls tell of it: see `habits/`. */
    usual: 'NULL',
    otherStatements: 'NULL',
    ownConnections: 'NULL',
    atOnce: 'NULL',
    stalled: read('tandem.stalled_ms', 'DOUBLE'),
    stalledBefore: read('tandem.stalled_before_ms', 'DOUBLE'),
    stalledBeforeTimes: `'[' || ${read('tandem.stalled_before.ran_ms', 'DOUBLE')} || ',' || coalesce(CAST(${read('tandem.stalled_before.waited_ms', 'DOUBLE')} AS VARCHAR), 'null') || ']'`,
    stalledBeforeKind: read('tandem.stalled_before.kind', 'VARCHAR'),
    stalledBeforeRequest: stallRequestSql(read, 'tandem.stalled_before.request'),
    waiting: part('waiting'),
    dns: part('dns'),
    connecting: part('connect'),
    tls: part('tls'),
    firstByte: part('first_byte'),
    receiving: part('receiving'),
    poolSize: size,
    held: read('tandem.call.held', 'BIGINT'),
    heldBy: read('tandem.call.held_by', 'VARCHAR'),
    heldAt: read('tandem.code.held_at', 'VARCHAR'),
    isHeldAfterEnd: `coalesce(${read('tandem.call.held_after_end', 'BOOLEAN')}, false)`,
    scans: read('tandem.db.scans', 'VARCHAR'),
    rows: largeSql(aliasesOf('db.response.returned_rows'), LEAST_ROWS),
    bytes: largeSql(aliasesOf('http.response.body.size'), LEAST_BYTES),
    peer: `CASE WHEN ${isDatabase} OR coalesce(${part('waiting')}, ${part('dns')}, ${part('connect')}, ${part('tls')}) IS NOT NULL THEN coalesce(${namespace}, ${host} || coalesce(':' || ${first('server.port', 'net.peer.port')}, '')) END`,
    /** Kind and name of the database that a client span called. */
    database: `${system} || coalesce(' ' || ${namespace}, '')`,
    isPostgres: `coalesce(${system} IN ('postgresql', 'postgres'), false)`,
    /** True for a request whose client left. */
    isLeft: `coalesce(${read('error.type', 'VARCHAR')} = 'client_disconnected', false)`,
    isStreaming: `coalesce(${read('tandem.response.streaming', 'BOOLEAN')}, false)`,
    saysLater: `coalesce(${read('tandem.response.says_later', 'BOOLEAN')}, false)`,
    /** True for a call that failed before its body was sent whole. */
    isUploadCut: `coalesce(${read('tandem.request.cut_off', 'VARCHAR')} = 'in_body', false)`,
    isTestRunner: `starts_with(coalesce(${read('name', 'VARCHAR')}, ''), '${TEST_RUNNER_PREFIX}')`,
    /** True for a call of a generative model. */
    isGenerative: `(${anyOf(fields, GENERATIVE_FIELDS)} OR coalesce(${read('openinference.span.kind', 'VARCHAR')} = 'LLM', false) OR coalesce(trim(${read('mlflow.spanType', 'VARCHAR')}, '"') IN ('LLM', 'CHAT_MODEL'), false))`,
    invalidDuration: `coalesce(${read('meta.invalid_duration', 'BOOLEAN')}, false)`,
    /** False when the sender gave no start time. The store then put the span at its end or its arrival. */
    timed: `NOT (${read('meta.invalid_time', 'BOOLEAN')} IS NOT NULL AND _time <= _received + 86400000000000)`,
    /** Start and duration in nanoseconds, limited so that their sum fits 64 bits. */
    start: 'least(_time, 9000000000000000000)',
    duration: `CAST(least(coalesce(${read('duration_ms', 'DOUBLE')}, 0), 2e11) * 1e6 AS BIGINT)`,
    /** True for rows of spans. Every row of a span has a kind, and no other row has one. */
    isSpan: `${kind} IS NOT NULL`,
    /** True for rows that are log records; NULL or false for others. */
    isLog: `${read('meta.signal_type', 'VARCHAR')} = 'log'`,
    /** Equal for copies of a span: equal bytes, in the same resource and scope. */
    fingerprint: `concat(md5(_span), ' ', _scope)`,
  } satisfies Record<FactName, string> & Record<string, string>;
}

/** The request that was a stall, its name and its path in two lines; NULL where none is known. @param read a field's SQL */
export function stallRequestSql(read: (name: string, type: string) => string, name: string): string {
  return `${read(name, 'VARCHAR')} || chr(10) || coalesce(${read(`${name}_path`, 'VARCHAR')}, '')`;
}

/** A number above 0 for a text. A float holds the number exactly. */
function numberOf(text: string): string {
  return `1 + hash(${text}) % 4503599627370496`;
}

/** A file of a frame with an absolute path, and its line. What a URL has escaped is no path. */
const ABSOLUTE_FRAME = '(^|[ (])(?:file://)?(/[^():%]+):([0-9]+)(?::[0-9]+)?';

/**
 * The frame of the app that is nearest to the error: the first one, in Python's order the last one. NULL without a frame. Where the
 * folder is known that lines of code are told from, its file is told from there, too.
 */
function ownFrame(stack: string, folder: string): string {
  const own = `length(line) <= ${LONGEST_FRAME} AND regexp_matches(line, '${FRAME}') AND NOT regexp_matches(line, '${LIBRARY}')`;
  const frames = `list_filter(string_split(${stack}, chr(10)), lambda line: ${own})`;
  const nearest = `trim(${frames}[CASE WHEN starts_with(${stack}, 'Traceback') THEN -1 ELSE 1 END], ' ' || chr(9) || chr(13))`;
  if (folder === 'NULL') return nearest;
  const below = `'(?:file://)?' || regexp_escape(${folder}) || '/([^():]+:[0-9]+)(?::[0-9]+)?'`;
  const [from, to] = [`string_split(rtrim(${folder}, '/'), '/')`, `string_split(file, '/')`];
  // How many folders both paths begin with.
  const common = `len(list_filter(range(1, len(${from}) + 1), lambda part: ${from}[1:part] = ${to}[1:part]))`;
  const upwards = `list_transform([${common}], lambda shared: repeat('../', len(${from}) - shared) || array_to_string(${to}[shared + 1:], '/'))[1]`;
  const told = `list_transform([regexp_extract(frame, '${ABSOLUTE_FRAME}', 2)], lambda file: CASE WHEN file = '' THEN frame ELSE regexp_replace(frame, '${ABSOLUTE_FRAME}', '\\1' || ${upwards} || ':\\3') END)[1]`;
  return `CASE WHEN coalesce(${folder}, '') = '' THEN ${nearest} ELSE list_transform([regexp_replace(${nearest}, ${below}, '\\1')], lambda frame: ${told})[1] END`;
}

/** `src/orders.js:31`; of a bundle with the column; without a known line, `src/orders.ts in withUsers`. Of a URL its path. */
function codeLine(first: (...names: readonly string[]) => string): string {
  const [file, line, column] = [NAMES.codeFile, NAMES.codeLine, NAMES.codeColumn].map((names) =>
    first(...names),
  );
  const isAbsolute = `regexp_matches(${file}, '^(?:[A-Za-z]:)?[\\\\/]|^file:')`;
  const at = `coalesce(':' || ${line} || CASE WHEN ${isAbsolute} THEN '' ELSE coalesce(':' || ${column}, '') END, ' in ' || ${first(...NAMES.codeFunction)}, '')`;
  const path = `CASE WHEN starts_with(${file}, 'file:') THEN regexp_replace(url_decode(regexp_replace(${file}, '^file:(?://[^/]*)?', '')), '^/([A-Za-z]:)', '\\1') ELSE ${file} END`;
  return `CASE WHEN ${file} <> '' THEN ${path} || ${at} END`;
}

/** Whether a span failed, by the conditions that `FAILED` has in a query. */
function errorSql(field: Field | undefined): string {
  if (field?.type !== 'string')
    return `coalesce(${field ? `TRY_CAST(${field.sql} AS BOOLEAN)` : 'NULL'}, false)`;
  return `coalesce(${field.sql} NOT IN (${quoted(NO_ERROR)}), false)`;
}

/** The message in a text of `error`; NULL for a text that means only true or false. */
function errorText(field: Field | undefined): string {
  if (field?.type !== 'string') return 'NULL';
  return `CASE WHEN ${field.sql} NOT IN (${quoted(NO_ERROR)}) AND lower(${field.sql}) NOT IN ('true', '1') THEN ${field.sql} END`;
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `'${text}'`).join(', ');
}

/** The condition that a row has at least one of some fields. */
function anyOf(fields: ReadonlyMap<string, Field>, names: readonly string[]): string {
  const found = names.flatMap((name) => fields.get(name) ?? []);
  return `(${found.map(({ sql }) => `${sql} IS NOT NULL`).join(' OR ') || 'false'})`;
}
