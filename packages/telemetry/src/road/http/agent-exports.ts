/** Paths that agents beside telemetry send their own data to: Sentry, Datadog, Elastic APM, New Relic. Apps have such paths, too. */
const PATH =
  /^\/(?:$|api\/\d+\/(?:envelope|store)\/|info$|v0\.\d\/|telemetry\/proxy\/|dogstatsd\/v2\/|evp_proxy\/|debugger\/v1\/|profiling\/v1\/|tracer_flare\/v1|intake\/v2\/|config\/v1\/agents|agent_listener\/invoke_raw_method)/;

/** Headers that only these agents write. Sentry writes its key into the query. */
const MARK =
  /^(?:user-agent: (?:apm-agent-nodejs|NewRelic-NodeAgent)\/|(?:datadog-[a-z-]+|dd-telemetry-api-version|x-sentry-auth): )/im;
const SENTRY_KEY = /[?&]sentry_key=/;

/** Paths of Datadog's agent, where requests carry a mark in containers only. */
const DATADOG_PATH =
  /^\/(?:v0\.\d\/(?:config|traces|stats|pipeline_stats)|dogstatsd\/v2\/proxy|evp_proxy\/v\d|debugger\/v1\/|profiling\/v1\/input|tracer_flare\/v1)/;
const DATADOG = Symbol.for('dd-trace');

/** Where a process asks for its cloud, as Elastic APM does once at its start, in each of three clouds. */
const CLOUD_HOST = /^(?:169\.254\.169\.254|metadata\.google\.internal)$/;
const ELASTIC = 'ElasticAPMAgentInitialized';

/**
 * Whether a request is an agent's own, which is not a call of the app: it has no span, and gets no context. Agents of
 * OpenTelemetry send with tracing suppressed.
 *
 * @param headersOf `[name, value, name, value, …]`, asked for only where the path is an agent's
 * @param rootHost the host of a request outside of any trace
 */
export function isAgentExport(path: string, headersOf: () => readonly unknown[], rootHost = ''): boolean {
  if (CLOUD_HOST.test(rootHost) && hasElastic()) return true;
  if (!PATH.test(path)) return false;
  if (SENTRY_KEY.test(path) || (DATADOG_PATH.test(path) && DATADOG in globalThis)) return true;
  const lines = headersOf().map((part, at) => `${part}${at % 2 === 0 ? ': ' : '\n'}`);
  return MARK.test(lines.join(''));
}

function hasElastic(): boolean {
  return Object.getOwnPropertySymbols(globalThis).some(({ description }) => description === ELASTIC);
}
