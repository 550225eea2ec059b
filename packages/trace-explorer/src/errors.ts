import { problems as common, defineProblems } from '@tandem/service-kit/http';

/** Every problem that the explorer's own routes can answer (RFC 9457); the query API has Honeycomb's own form. */
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
    LOG_NOT_FOUND: { status: 404, title: 'No such log record' },
    SPAN_NOT_FOUND: { status: 404, title: 'No such span in this trace' },
    FOLDER_NOT_WRITABLE: { status: 403, title: 'The folder of saved queries cannot be written' },
    SAVED_NOT_FOUND: { status: 404, title: 'Nothing of this name is saved' },
    NO_QUERY_FOLDER: { status: 409, title: 'No folder is set for saved queries' },
    SAVED_EXISTS: { status: 409, title: 'Something of this name is saved already' },
    TOO_MANY_SAVED: { status: 409, title: 'The folder of saved queries is full' },
    FILE_UNREADABLE: { status: 409, title: 'A file of saved queries cannot be read' },
    IMPORT_TOO_LARGE: { status: 413, title: 'The document is larger than what is taken' },
    HOST_NOT_ALLOWED: { status: 421, title: 'The explorer does not answer for this host' },
    QUERY_TOO_LARGE: { status: 422, title: 'Reading this needs more memory than there is' },
    INTERNAL: { status: 500, title: 'The explorer failed to answer' },
    TOO_MANY_CLIENTS: { status: 503, title: 'Too many live connections', headers: { 'retry-after': '5' } },
    STORE_BUSY: { status: 503, title: 'The store is behind', headers: { 'retry-after': '1' } },
    STORE_REOPENING: {
      status: 503,
      title: 'The store is being opened anew',
      headers: { 'retry-after': '2' },
    },
    DISK_FULL: { status: 503, title: 'The disk is full', headers: { 'retry-after': '5' } },
    STORE_CLOSED: { status: 503, title: 'The explorer is stopping' },
    QUERY_TIMEOUT: { status: 504, title: 'Reading this took too long' },
  }),
});
