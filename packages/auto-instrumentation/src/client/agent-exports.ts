/**
 * Addresses that agents beside telemetry send their own data to: Sentry, Datadog, Elastic APM, New Relic. Agents of
 * OpenTelemetry send with tracing suppressed.
 */
const EXPORT =
  /^\/(?:api\/\d+\/(?:envelope|store)\/|v0\.\d\/(?:traces|stats)|telemetry\/proxy\/|intake\/v2\/|config\/v1\/agents|agent_listener\/invoke_raw_method)/;

/** Whether a request is an agent's own, which is not a call of the app: it has no span, and gets no context. */
export function isAgentExport({ path }: { readonly path: string }): boolean {
  return EXPORT.test(path);
}
