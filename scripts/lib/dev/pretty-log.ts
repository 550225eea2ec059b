import { prettyFactory } from 'pino-pretty';

const pretty = prettyFactory({
  colorize: process.stdout.isTTY === true,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname,service\\.name,trace_flags,event,telemetry',
  singleLine: true,
});

/** A pino line for people; any other line unchanged. */
export function prettyLine(line: string): string {
  return line.startsWith('{') ? pretty(line).trimEnd() : line;
}
