import { defineProblems } from './problems/problem.ts';

/** Problems that any route can have. A service's own are in its own `errors.ts`. */
export const problems = defineProblems({
  VALIDATION_FAILED: { status: 400, title: 'A part of the request is not valid' },
  MALFORMED_REQUEST: { status: 400, title: 'The request is not valid HTTP' },
  MALFORMED_JSON: { status: 400, title: 'The body is not valid JSON' },
  MALFORMED_URL: { status: 400, title: 'The URL is not validly percent-encoded UTF-8' },
  UNAUTHORIZED: {
    status: 401,
    title: 'The request needs a token',
    headers: { 'www-authenticate': 'Bearer' },
  },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such route' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The route does not take this method' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  URI_TOO_LONG: { status: 414, title: 'The URL is too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON in UTF-8, not compressed' },
  EXPECTATION_FAILED: { status: 417, title: 'Only the expectation 100-continue can be met' },
  HOST_NOT_ALLOWED: { status: 421, title: 'The service does not answer for this host' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The request headers are too large' },
  INTERNAL: { status: 500, title: 'Something went wrong here' },
  UNDER_PRESSURE: { status: 503, title: 'The service is overloaded', headers: { 'retry-after': '10' } },
  NOT_READY: { status: 503, title: 'The service is not ready', headers: { 'retry-after': '5' } },
  DATABASE_BUSY: { status: 503, title: 'The database has too much to do', headers: { 'retry-after': '1' } },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database does not answer',
    headers: { 'retry-after': '5' },
  },
  DEADLINE_EXCEEDED: { status: 504, title: 'The request ran out of time' },
});
