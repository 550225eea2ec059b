// The attributes of telemetry's own, which no semantic convention has. Each docstring begins with what has the attribute;
// `node tandem documents` makes docs/reference/attributes.md of them. A name is a promise: users' queries contain it.

/**
 * Event `stall`: what the thread did. `ran`: it ran for at least half of the time, and on a busy machine for at least 50 ms.
 * `waited_for_processor`: it waited for a processor for a twentieth of the time or more, or another thread of the process did
 * for half of it, or the virtual machine was given none (Linux tells). `stopped`: a signal stopped the process. `suspended`:
 * the machine slept. `blocked`: anything else, usually a synchronous call that waits, such as `execSync`.
 */
export const ATTR_STALL_KIND = 'tandem.stall.kind';
/** Event `stall`: how long the event loop did not turn, to within 10 ms if no span began meanwhile. */
export const ATTR_STALL_DURATION = 'tandem.stall.duration_ms';
/** Event `stall`: how long the thread ran in it, to within 10 ms; missing where Node does not tell, as before 22.19 outside of Linux. */
export const ATTR_STALL_RAN = 'tandem.stall.ran_ms';
/** Event `stall`: how long the thread was ready to run and waited for a processor. Linux tells it. */
export const ATTR_STALL_WAITED = 'tandem.stall.waited_ms';
/** Event `stall`: how long garbage collection took in it. Node reports it two turns later; a span that is sent earlier lacks it. */
export const ATTR_STALL_GC = 'tandem.stall.gc_ms';
/** Event `stall`: the name of the one other span that began in the stalled turn or ended at its end. */
export const ATTR_STALL_BESIDE = 'tandem.stall.beside';
/**
 * Event `stall`: the name of the one other SERVER span that took nearly all of the stalled turn.
 * `tandem.stall.request_path`: its path without ids, if the name is only a method.
 */
export const ATTR_STALL_REQUEST = 'tandem.stall.request';
/** Span: the sum of its stalls, as far as they overlap it. A process remembers its last 256. */
export const ATTR_STALLED = 'tandem.stalled_ms';
/** SERVER span: how long the process stood still just before it could begin the span. If it was idle before, an upper limit. */
export const ATTR_STALLED_BEFORE = 'tandem.stalled_before_ms';
/** SERVER span: the kind of that stall, as in `tandem.stall.kind`. */
export const ATTR_STALLED_BEFORE_KIND = 'tandem.stalled_before.kind';
/** SERVER span: how long the thread ran in that stall; missing if it did other work between its last span and the stall. */
export const ATTR_STALLED_BEFORE_RAN = 'tandem.stalled_before.ran_ms';
/** SERVER span: how long the thread waited for a processor in that stall. */
export const ATTR_STALLED_BEFORE_WAITED = 'tandem.stalled_before.waited_ms';
/** SERVER span: the request that was that stall; `tandem.stalled_before.request_path` as above. */
export const ATTR_STALLED_BEFORE_REQUEST = 'tandem.stalled_before.request';

/** CLIENT span: how long the call waited for a connection that others were using. */
export const ATTR_CALL_WAITING = 'tandem.call.waiting_ms';
/** CLIENT span: how long it took to look up the name. Only the first request of a connection has this and the next two. */
export const ATTR_CALL_DNS = 'tandem.call.dns_ms';
/** CLIENT span: how long it took to connect; of HTTP/2 with the look-up and the handshake. */
export const ATTR_CALL_CONNECT = 'tandem.call.connect_ms';
/** CLIENT span: how long the handshake of TLS took. */
export const ATTR_CALL_TLS = 'tandem.call.tls_ms';
/** CLIENT span: how long it took until the answer began. */
export const ATTR_CALL_FIRST_BYTE = 'tandem.call.first_byte_ms';
/** CLIENT span: how long it took from then until the body ended. */
export const ATTR_CALL_RECEIVING = 'tandem.call.receiving_ms';
/** CLIENT span: how many connections the pool has, if that is known. */
export const ATTR_CALL_POOL_SIZE = 'tandem.call.pool_size';
/** CLIENT span of a pool of pg, from 10 ms on: how many connections others held for as long as the call waited. */
export const ATTR_CALL_HELD = 'tandem.call.held';
/** CLIENT span: the request for which they were held. */
export const ATTR_CALL_HELD_BY = 'tandem.call.held_by';
/** CLIENT span: the line that took them. */
export const ATTR_CALL_HELD_AT = 'tandem.code.held_at';
/** CLIENT span: true where that request had ended before the wait began, so that it gave them back too late or never. */
export const ATTR_CALL_HELD_AFTER_END = 'tandem.call.held_after_end';
/** CLIENT span of a statement of SQLite: true in a transaction, while which nobody else can write. */
export const ATTR_DB_IN_TRANSACTION = 'tandem.db.in_transaction';
/** CLIENT span of a slow SELECT of `node:sqlite`, with TRACE_STATEMENT_PLANS: the tables that it reads row by row. */
export const ATTR_DB_SCANS = 'tandem.db.scans';

/** SERVER span: `before_headers` or `in_body`, where the answer was cut off. */
export const ATTR_RESPONSE_CUT_OFF = 'tandem.response.cut_off';
/** SERVER span: true, if the answer was a stream of events (`text/event-stream`), open for as long as its reader liked. */
export const ATTR_RESPONSE_STREAMING = 'tandem.response.streaming';
/** SERVER span: true, if a redirect or an error had `Retry-After`, so that it was meant to be short. */
export const ATTR_RESPONSE_SAYS_LATER = 'tandem.response.says_later';
/** CLIENT span: `in_body`, where the upload was cut off. */
export const ATTR_REQUEST_CUT_OFF = 'tandem.request.cut_off';
/** Span: true where it was open when its process ended. */
export const ATTR_PROCESS_ENDED = 'tandem.process_ended';
/** Span: the line of the loop that made the call through a helper. */
export const ATTR_LOOP = 'tandem.loop';
/** Resource: the folder in which paths of code begin. Only the explorer has it. */
export const ATTR_CODE_FOLDER = 'tandem.code.folder';
/** SERVER or INTERNAL span of 200 ms or more, with `run --profile`: the functions that ran in it, and how long the event loop waited. */
export const ATTR_OWN_TIME = 'tandem.own_time';

/** Span of a test: the runner. Beside it are `test.suite.name`, `test.case.name` and `test.case.result.status` (pass, fail, skip). */
export const ATTR_TEST_RUNNER = 'tandem.test.runner';
/** Span of a test: 0, and more if the runner tries the test again. */
export const ATTR_TEST_ATTEMPT = 'tandem.test.attempt';
/** Span of a test: the runner's worker, if it has several. */
export const ATTR_TEST_WORKER = 'tandem.test.worker';
/** Span of a test: the same in one run of a file. */
export const ATTR_TEST_EXECUTION = 'tandem.test.execution';
/** Span of a test: Jest's project, or Playwright's test. */
export const ATTR_TEST_GROUP = 'tandem.test.group';
