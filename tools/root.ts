import { join, relative } from 'node:path';

/** The workspace's folder, absolute. */
export const ROOT = join(import.meta.dirname, '..');

/**
 * How a command is called from the folder that this one was called in: `node tandem trace`, or
 * `node ../../tandem trace`. It works without pnpm, which not everybody has.
 *
 * @param env TANDEM is how our launcher was called; INIT_CWD is the folder that pnpm and npm were called in
 */
export function callOf(command: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.TANDEM) return `${env.TANDEM} ${command}`;
  const path = join(relative(env.INIT_CWD || process.cwd(), ROOT), 'tandem');
  return `node ${/\s/.test(path) ? JSON.stringify(path) : path} ${command}`;
}
