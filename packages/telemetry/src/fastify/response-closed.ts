// The end of a response, for servers without tracing: @tandem/telemetry/response-closed. Not an entry of the tarball.

export { onResponseClosed } from '@tandem/http-spans/response-closed';
