import { styleText } from 'node:util';
import type { Config } from '../config.ts';
import type { RunningExplorer } from '../door/node.ts';
import { urlOf } from '../live-explorers.ts';

/**
 * The first words of a started explorer: the page's address, and variables to copy for a program in each
 * language. All of OpenTelemetry's SDKs read these variables.
 */
export function banner({ port, otlpPort, otlpGrpcPort }: RunningExplorer, config: Config): string {
  const http = urlOf({ host: config.host, port: otlpPort });
  const overHttp = `OTEL_EXPORTER_OTLP_ENDPOINT=${http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;
  const row = (label: string, text: string) => `  ${styleText('bold', label.padEnd(7))} ${text}\n`;
  const header =
    config.token === undefined ? '' : ' OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20$EXPLORER_TOKEN';
  return [
    `\n${styleText('bold', 'The trace explorer runs.')} Ctrl+C stops it.\n`,
    row('Page', urlOf({ host: config.host, port })),
    row(
      'OTLP',
      `${http}${otlpGrpcPort === undefined ? '' : `, and over gRPC ${urlOf({ host: config.host, port: otlpGrpcPort })}`}`,
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

/** The first words of an explorer that shows what is stored: where it is. */
export function addressLine(
  { port }: RunningExplorer,
  { host, storeDirectory }: Config,
  page: string,
): string {
  return `${urlOf({ host, port })}${page}\n  The data of ${storeDirectory}. Ctrl+C stops it.\n`;
}

/** Warns of an explorer that other machines reach without a token; undefined if none does. */
export function openDoor({ port }: RunningExplorer, { host, token }: Config): string | undefined {
  if (token !== undefined || host === 'localhost' || host === '::1' || host.startsWith('127.'))
    return undefined;
  return (
    `Warning: it listens on ${host} without a token, so anybody who reaches port ${port} reads and deletes all that it has. ` +
    'Set EXPLORER_TOKEN, or leave --host out for this machine only.\n'
  );
}
