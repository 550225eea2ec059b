/** What the short names in a service's metrics stand for (telemetry/src/failures/export-failure.ts lists them). */
const CAUSES: Readonly<Record<string, string>> = {
  unauthorized: 'the key or the credentials were refused',
  forbidden: 'the key is known but may not send',
  'not-found': 'nothing receives OTLP at this path',
  'too-large': 'the batch is larger than the backend takes',
  'rate-limited': 'too many spans for the backend’s limit',
  'server-error': 'the backend has a problem of its own',
  rejected: 'the request was not understood',
  redirected: 'redirected elsewhere, which is not followed',
  'retries-exhausted': 'still 429, 502, 503 or 504 after every retry',
  'partly-rejected': 'part of the batch was rejected',
  overloaded: 'too many exports are waiting for an answer',
  refused: 'nothing listens there',
  timeout: 'no answer in time',
  dns: 'the name of the host cannot be resolved',
  'tls-untrusted': 'the TLS certificate is not trusted',
  'tls-hostname': 'the TLS certificate is for another host',
  'tls-expired': 'the TLS certificate has expired or is not valid yet',
  'tls-protocol': 'TLS could not be agreed on',
  'not-http': 'the answer is not HTTP/1.1',
  'connection-lost': 'the connection was closed before an answer came',
  unreachable: 'there is no way to the host',
  'invalid-header': 'a header holds a character that HTTP forbids',
};

/**
 * The last failed export in a sentence, as the pipeline strip shows it; a cause that is not known is named as it is.
 *
 * @param status HTTP status of the backend's answer, when there was one
 */
export function describeExportError(cause: string, status: string | undefined): string {
  const words = CAUSES[cause] ?? cause;
  return `The last export failed: ${status === undefined ? words : `${status}, ${words}`}. The service’s log says more.`;
}
