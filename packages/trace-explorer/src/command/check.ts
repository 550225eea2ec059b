import { check } from '../check/check-command.ts';
import { installedClient } from './installed-client.ts';

/** `check [FILE…]`: see `check`. */
export function checkCommand(args: readonly string[]): Promise<void> {
  return check(args, {
    call: 'trace-explorer check',
    defaultUrl: 'http://localhost:3000, or the port in PORT',
    client: installedClient,
  });
}
