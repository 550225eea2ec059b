import { problems as common, defineProblems } from '@tandem/service-kit/http';
import { STORE_FAILURES } from './failures.ts';

/** The problems that routes of the core, and of several parts, can answer (RFC 9457). The query API has Honeycomb's own form. */
export const problems = Object.freeze({
  VALIDATION_FAILED: common.VALIDATION_FAILED,
  UNAUTHORIZED: common.UNAUTHORIZED,
  ROUTE_NOT_FOUND: common.ROUTE_NOT_FOUND,
  NOT_READY: common.NOT_READY,
  ...defineProblems({
    UNKNOWN_FIELD: { status: 400, title: 'Nothing has this field' },
    BAD_CURSOR: { status: 400, title: 'The cursor is not one that this explorer gave' },
    UNDECODABLE: { status: 400, title: 'The body is not OTLP JSON' },
    ORIGIN_NOT_ALLOWED: { status: 403, title: 'Pages of other origins may not use the explorer' },
    TRACE_NOT_FOUND: { status: 404, title: 'No such trace' },
    RUN_NOT_FOUND: { status: 404, title: 'No such run' },
    LOG_NOT_FOUND: { status: 404, title: 'No such log record' },
    SPAN_NOT_FOUND: { status: 404, title: 'No such span in this trace' },
    FOLDER_NOT_WRITABLE: { status: 403, title: 'The folder of a saved file cannot be written' },
    STORE_NOT_EMPTY: { status: 409, title: 'The store has data already' },
    RUN_FOLDERS_NOT_READABLE: { status: 409, title: 'The list of the folders of runs cannot be read' },
    TOO_MANY_SAVED: { status: 409, title: 'The folder of saved queries is full' },
    IMPORT_TOO_LARGE: { status: 413, title: 'The document is larger than the limit' },
    HOST_NOT_ALLOWED: { status: 421, title: 'The explorer does not answer for this host' },
    TRACE_TOO_LARGE: { status: 422, title: 'The trace is too large for one page' },
    INTERNAL: { status: 500, title: 'The explorer failed to answer' },
    TOO_MANY_CLIENTS: { status: 503, title: 'Too many live connections', headers: { 'retry-after': '5' } },
  }),
  ...defineProblems(STORE_FAILURES),
});
