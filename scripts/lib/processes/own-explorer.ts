const SIGNALS = ['TRACES', 'LOGS', 'METRICS'];

/**
 * The environment of a `dev` with an explorer of its own. A test that starts `dev` under `trace-explorer run` says where spans go
 * with OTEL_EXPORTER_OTLP_ENDPOINT. The variables that `run` has set for each signal would win, so they are left out, and so is
 * the telemetry of `run`. Unchanged where nobody says otherwise.
 */
export function forOwnExplorer<Env extends NodeJS.ProcessEnv>(env: Env): Env {
  const { TANDEM_RUN_ENDPOINT: ofRun, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = env;
  if (!ofRun || endpoint === ofRun) return env;
  const { OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_EXPORTER_OTLP_TRACES_HEADERS: headersOfRun } = env;
  const others = SIGNALS.flatMap((signal) => {
    const name = `OTEL_EXPORTER_OTLP_${signal}`;
    const isOfRun = env[`${name}_ENDPOINT`] === `${ofRun}/v1/${signal.toLowerCase()}`;
    return isOfRun ? [`${name}_ENDPOINT`, `${name}_HEADERS`, `${name}_PROTOCOL`] : [];
  });
  if (headers === headersOfRun) others.push('OTEL_EXPORTER_OTLP_HEADERS'); // the token of the explorer of `run`
  return { ...env, ...Object.fromEntries(others.map((name) => [name, ''])), TANDEM_RUN_TELEMETRY: '' };
}
