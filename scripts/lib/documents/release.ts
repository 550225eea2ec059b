import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';
import { REPOSITORY, SCOPE } from '../release.ts';
import { cell } from './results.ts';

const PASSAGE = /(?<=<!-- release -->\n)[\s\S]*?(?=<!-- end of release -->)/;
const ASKS_REGISTRY = '<!-- not run: asks a registry -->\n';

/** How a reader gets what a document is about, before and after the release. */
const PASSAGES: Readonly<Record<string, (isReleased: boolean) => string>> = {
  'README.md': () => {
    const figure = (name: string) => cell('first-waterfall', name, 'value');
    const clone = REPOSITORY === '' ? '' : ` Clone it with \`git clone ${REPOSITORY} tandem\`.`;
    const some = figure('cold store: clone and HOME after it, MiB (at most 350)');
    const whole = figure('the same where the caller has Node 20, MiB (at most 500)');
    return `Your app needs Node 22.15 or newer, with its npm.${clone} Tandem installs itself when you first start it, so you run no \`npm install\`. The clone then takes ${some} MiB, with what npm and pnpm keep in your home folder. With Node 20, you can still run [the pair](#the-pair): Tandem gets a newer Node for itself, which makes that ${whole} MiB.`;
  },
  'docs/adopt.md': (isReleased) =>
    isReleased
      ? `${sh(`npm install ${SCOPE}/telemetry`)}

The explorer's commands are in \`${SCOPE}/trace-explorer\`. Once it is installed, \`npx --no -- trace-explorer\` starts them.`
      : `The packages are not on npm yet. In the clone, \`node tandem pack:all\` writes their tarballs to \`dist/\`:

${sh(`npm install ../tandem/dist/${tarballOf('telemetry')}`)}

If you want the explorer's commands without the clone, install \`${tarballOf('trace-explorer')}\` too. \`npx --no -- trace-explorer\` then starts them.`,
  'docs/compare.md': (isReleased) =>
    `Tandem's own limits, first: it ${isReleased ? 'has' : 'is **not released in any registry**, has'} no metrics, no alerts and no accounts, and nobody has recorded a run on macOS or Windows ([where it was tried](#where-it-was-tried)).`,
  'packages/telemetry/README.md': (isReleased) =>
    isReleased
      ? sh(`npm install ${SCOPE}/telemetry`)
      : 'The package is not on npm yet: [how to install it](../../docs/adopt.md#2-install).',
  'packages/trace-explorer/README.md': (isReleased) =>
    isReleased
      ? `${sh(`npm install --save-dev ${SCOPE}/trace-explorer`)}

To try it without installing it, write \`npx ${SCOPE}/trace-explorer\` where this page says \`npx --no -- trace-explorer\`.`
      : 'The package is not on npm yet: [how to install it](../../docs/adopt.md#2-install).',
};

/** The documents that say how to get something. */
export const RELEASE_PATHS = Object.keys(PASSAGES);

/** A document with its passage about the release; other documents stay as they are. */
export function withRelease(path: string, text: string, isReleased: boolean): string {
  return text.replace(PASSAGE, (before) => (path in PASSAGES ? `${PASSAGES[path]?.(isReleased)}\n` : before));
}

function sh(command: string): string {
  return `${ASKS_REGISTRY}\`\`\`sh\n${command}\n\`\`\``;
}

/** The name that npm gives a tarball. */
function tarballOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
  return `${SCOPE.slice(1)}-${name}-${version}.tgz`;
}
