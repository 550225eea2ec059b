import { basename } from 'node:path';

/** Programs that only start the app, by the names of their files. */
const STARTERS = /^(?:npm|npx|pnpm|pnpx|yarn|corepack)(?:-cli|-[\d.]+)?(?:\.[cm]?js)?$/;

/** Whether a process runs a package manager, which is not traced: the app is the process that it starts. */
export function isStarter(file: string): boolean {
  return STARTERS.test(basename(file));
}
