import type { PageSettings } from '../../core/places/page-settings.ts';

/** Instructions for sending spans from a program in one language. */
export interface Snippet {
  readonly key: string;
  readonly label: string;
  /** The part without which there is nothing to do so with. */
  readonly of?: string;
  readonly text: (to: Destination) => string;
}

/** The explorer's receiver, and whether it wants EXPLORER_TOKEN. */
type Destination = Pick<PageSettings, 'otlpEndpoint' | 'needsToken' | 'command'>;

const variables = ({
  otlpEndpoint,
  needsToken,
}: Destination) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpEndpoint}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
${needsToken ? 'export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$EXPLORER_TOKEN"\n' : ''}export OTEL_SERVICE_NAME=my-service`;

/** OTLP over HTTP with each language's own OpenTelemetry, without changes to the program when the language allows it. */
export const snippets: readonly Snippet[] = [
  {
    key: 'run',
    label: 'Any Node.js app',
    text: ({ command }) => `${command} run -- node app.js`,
  },
  {
    key: 'node',
    label: 'Node.js',
    text: (to) => `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
${variables(to)}
node --require @opentelemetry/auto-instrumentations-node/register app.js`,
  },
  {
    key: 'browser',
    label: 'Browser',
    of: 'web-tracing',
    text: () => `<script src="${location.origin}/trace.js" data-service="my-page"></script>`,
  },
  {
    key: 'python',
    label: 'Python',
    text: (to) => `pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
opentelemetry-bootstrap -a install
${variables(to)}
opentelemetry-instrument python app.py`,
  },
  {
    key: 'go',
    label: 'Go',
    text: (to) => `${variables(to)}
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
      to,
    ) => `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar
${variables(to)}
java -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
  },
  {
    key: 'dotnet',
    label: '.NET',
    text: (to) => `dotnet add package OpenTelemetry.Extensions.Hosting
dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol
dotnet add package OpenTelemetry.Instrumentation.AspNetCore
${variables(to)}

// in Program.cs:
builder.Services.AddOpenTelemetry()
    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());`,
  },
];
