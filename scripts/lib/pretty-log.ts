import { prettyFactory } from 'pino-pretty';
import { withoutOwnVariables } from './own-variables.ts';

const pretty = prettyFactory({
  colorize: process.stdout.isTTY === true,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname,service\\.name,trace_flags,event,telemetry',
  singleLine: true,
});

/**
 * A pino line for people; any other line unchanged.
 * @param ownVariables variables that the caller set for the process: telemetry's list of settings leaves them out
 */
export function prettyLine(line: string, ownVariables: ReadonlySet<string> = new Set()): string {
  if (!line.startsWith('{')) return line;
  return pretty(withoutOwnVariables(line, ownVariables)).trimEnd();
}
