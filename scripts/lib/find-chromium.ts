import { existsSync } from 'node:fs';

const USUAL = [
  '/usr/bin/chromium-headless-shell', // takes a quarter less of the processor, because it has no window
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Advice for a machine without Chromium. */
export const NO_CHROMIUM = 'no Chromium; apt-get install chromium, or set CHROMIUM_PATH';

/** Path of a Chromium or Chrome: CHROMIUM_PATH if it is set, else the first of the usual places. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return (env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : USUAL).find((path) => existsSync(path));
}
