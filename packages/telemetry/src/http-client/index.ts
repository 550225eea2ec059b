export type { HttpClientInstrumentation, HttpClientOptions } from './instrument-http-client.ts';
export { instrumentHttpClient } from './instrument-http-client.ts';
export { leanHttpClient } from './lean-http-client.ts';
export { withUrlTemplate } from './url-template.ts';
