import { styleText } from 'node:util';
import type { Config } from '../config.ts';
import type { RunningExplorer } from '../start-explorer.ts';

/** Names that a program on this machine uses where a server listens on all addresses. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * What somebody needs who has just started the explorer: where the page is, and what to copy for a program in each
 * language. All of OpenTelemetry's SDKs read these variables.
 */
export function banner({ port, otlpPort, otlpGrpcPort }: RunningExplorer, config: Config): string {
  const host = ANY_ADDRESS.includes(config.host) ? 'localhost' : nameOf(config.host);
  const http = `http://${host}:${otlpPort}`;
  const overHttp = `OTEL_EXPORTER_OTLP_ENDPOINT=${http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;
  const row = (label: string, text: string) => `  ${styleText('bold', label.padEnd(7))} ${text}\n`;
  const header =
    config.token === undefined ? '' : ' OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20$EXPLORER_TOKEN';
  return [
    `\n${styleText('bold', 'The trace explorer runs.')} Ctrl+C stops it.\n`,
    row('Page', `http://${host}:${port}`),
    row(
      'OTLP',
      `${http}${otlpGrpcPort === undefined ? '' : `, and over gRPC http://${host}:${otlpGrpcPort}`}`,
    ),
    row('Data', config.storeDirectory),
    '\nTo send it the traces of a program, start it with these variables:\n',
    row(
      'Node',
      `${overHttp}${header} node --import @opentelemetry/auto-instrumentations-node/register app.js`,
    ),
    row('Python', `${overHttp}${header} opentelemetry-instrument python app.py`),
    row('Go', `${overHttp}${header} go run .   (otlptracehttp, or autoexport)`),
    row('Java', `${overHttp}${header} java -javaagent:opentelemetry-javaagent.jar -jar app.jar`),
    row('.NET', `${overHttp}${header} dotnet run`),
    '\n',
  ].join('');
}

function nameOf(host: string): string {
  if (host === '127.0.0.1' || host === '::1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
