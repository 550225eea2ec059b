import { CliError } from './client/explorer-client.ts';

/** The fewest and the most runs that are compared. */
const [LEAST, MOST] = [2, 100];

/** A number of runs. @param option its name, for the error @throws CliError for anything else */
export function timesOf(option: string, given: string): number {
  const times = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (times >= LEAST && times <= MOST) return times;
  throw new CliError(`${option} takes a number from ${LEAST} to ${MOST}, not ${JSON.stringify(given)}.`);
}
