import { UsageError } from '../../tools/arguments.ts';

/**
 * The whole number from 1 that an option was given.
 *
 * @throws UsageError naming the option and its value
 */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`${option} takes a whole number from 1, not ${text}.`);
  return value;
}
