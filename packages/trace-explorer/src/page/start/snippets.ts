/** Instructions for sending spans from a program in one language. */
export interface Snippet {
  readonly key: string;
  readonly label: string;
  /** The text to copy. */
  readonly text: (endpoint: string) => string;
}

const variables = (endpoint: string) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_SERVICE_NAME=my-service`;

/** OTLP over HTTP with each language's own OpenTelemetry, without changes to the program when the language allows it. */
export const snippets: readonly Snippet[] = [
  {
    key: 'node',
    label: 'Node.js',
    text: (endpoint) => `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
${variables(endpoint)}
node --require @opentelemetry/auto-instrumentations-node/register app.js`,
  },
  {
    key: 'browser',
    label: 'Browser',
    text: () => `<script src="${location.origin}/trace.js" data-service="my-page"></script>`,
  },
  {
    key: 'python',
    label: 'Python',
    text: (endpoint) => `pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
opentelemetry-bootstrap -a install
${variables(endpoint)}
opentelemetry-instrument python app.py`,
  },
  {
    key: 'go',
    label: 'Go',
    text: (endpoint) => `${variables(endpoint)}
go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp

// in main():
exporter, err := otlptracehttp.New(ctx)
if err != nil {
	log.Fatal(err)
}
provider := trace.NewTracerProvider(trace.WithBatcher(exporter)) // go.opentelemetry.io/otel/sdk/trace
defer provider.Shutdown(ctx)
otel.SetTracerProvider(provider)`,
  },
  {
    key: 'java',
    label: 'Java',
    text: (
      endpoint,
    ) => `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar
${variables(endpoint)}
java -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
  },
  {
    key: 'dotnet',
    label: '.NET',
    text: (endpoint) => `dotnet add package OpenTelemetry.Extensions.Hosting
dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol
dotnet add package OpenTelemetry.Instrumentation.AspNetCore
${variables(endpoint)}

// in Program.cs:
builder.Services.AddOpenTelemetry()
    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());`,
  },
];
