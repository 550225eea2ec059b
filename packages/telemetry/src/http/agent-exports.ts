/** Paths that agents beside telemetry send their own data to: Sentry, Datadog, Elastic APM, New Relic. Apps have such paths, too. */
const PATH =
  /^\/(?:api\/\d+\/(?:envelope|store)\/|v0\.\d\/(?:traces|stats)|telemetry\/proxy\/|intake\/v2\/|config\/v1\/agents|agent_listener\/invoke_raw_method)/;

/** Headers that only these agents write. Sentry writes its key into the query. */
const MARK =
  /^(?:user-agent: (?:apm-agent-nodejs|NewRelic-NodeAgent)\/|(?:datadog-meta-lang|dd-telemetry-api-version|x-sentry-auth): )/im;
const SENTRY_KEY = /[?&]sentry_key=/;

/**
 * Whether a request is an agent's own, which is not a call of the app: it has no span, and gets no context. Agents of
 * OpenTelemetry send with tracing suppressed.
 *
 * @param headersOf `[name, value, name, value, …]`, asked for only where the path is an agent's
 */
export function isAgentExport(path: string, headersOf: () => readonly unknown[]): boolean {
  if (!PATH.test(path)) return false;
  const lines = headersOf().map((part, at) => `${part}${at % 2 === 0 ? ': ' : '\n'}`);
  return SENTRY_KEY.test(path) || MARK.test(lines.join(''));
}
