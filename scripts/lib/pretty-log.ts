import { prettyFactory } from 'pino-pretty';

const pretty = prettyFactory({
  colorize: process.stdout.isTTY === true,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname,service\\.name,trace_flags,event,telemetry',
  singleLine: true,
});

/**
 * A pino line for people; any other line unchanged.
 * @param ownVariables what the caller has set for the process by itself: telemetry's list of settings leaves them out
 */
export function prettyLine(line: string, ownVariables: ReadonlySet<string> = new Set()): string {
  if (!line.startsWith('{')) return line;
  const settings = /Not default: ([^"]*)\."/;
  const shown = line.replace(settings, (_, list: string) => {
    const others = list.split(', ').filter((name) => !ownVariables.has(name));
    return others.length === 0 ? 'All settings are defaults."' : `Not default: ${others.join(', ')}."`;
  });
  return pretty(shown).trimEnd();
}
