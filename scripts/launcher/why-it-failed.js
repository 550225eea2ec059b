import { homedir } from 'node:os';

/** A folder or a file that cannot be written, or read. */
const REFUSED = /\b(?<code>EACCES|EPERM|EROFS|ENOTDIR)\b/;
const FULL = /\b(?:ENOSPC|EDQUOT)\b/;
/** What npm and pnpm say of an address, with the reason behind it; the plainest first. */
const ADDRESSES = [
  /request to (?<url>https?:\S+) failed, reason: (?<reason>\S.*)/,
  /(?<reason>network timeout|response timeout)\b.* (?<url>https?:\S+)/i,
  /GET (?<url>https?:\S+?):? (?:error \(|- )?(?<reason>[^()]+)/,
];
const NO_NPX = /\bnpx\b.*not (?:found|recognized)/;
/** An error's own line, of pnpm and of npm. */
const ERROR = /^ *(?:ERR_PNPM_\w+|E[A-Z]{3,}) +\S|^npm error (?!A complete log)/;
/** Lines of an error that is not known here, at most. */
const SHOWN_LINES = 40;

/**
 * Why an installation failed, from what pnpm and npm said.
 * @param root the folder of the installation
 * @returns a text whose last line names the cause and what to do
 */
export function whyItFailed(lines, root) {
  const because = (cause) => `The installation failed: ${cause}`;
  if (lines.some((line) => FULL.test(line)))
    return because(
      `the disk is full. It needs about 400 MB for ${root} and for the packages that npm and pnpm keep below ${homedir()}.`,
    );
  const at = lines.findIndex((line) => REFUSED.test(line) && !line.startsWith('npm warn '));
  if (at !== -1) {
    const { code } = REFUSED.exec(lines[at]).groups;
    const path = pathIn(lines.slice(at)) ?? root;
    return `${path}/`.startsWith(`${root}/`) || `${path}\\`.startsWith(`${root}\\`)
      ? because(`${root} cannot be written (${code}). Call it as the owner, or make a clone of your own.`)
      : because(
          `${path} cannot be written (${code}). npm and pnpm keep packages below ${homedir()}: set HOME to a folder that you can write.`,
        );
  }
  const [asked] = ADDRESSES.flatMap((address) => lines.flatMap((line) => address.exec(line)?.groups ?? []));
  if (asked !== undefined && URL.canParse(asked.url))
    return because(
      `it needs the npm registry, and ${new URL(asked.url).origin} says: ${asked.reason.trim()}.${proxies()}`,
    );
  if (lines.some((line) => NO_NPX.test(line)))
    return because('there is no npx. It comes with npm, and npm with Node: https://nodejs.org');
  const cause = lines.findLast((line) => ERROR.test(line)) ?? lines.at(-1) ?? 'pnpm said nothing';
  return [...lines.slice(-SHOWN_LINES), because(cause.trim())].join('\n');
}

/** The path of the first error: in quotes, or in a line of npm's own. */
function pathIn(lines) {
  for (const line of lines) {
    const [, quoted, own] =
      /(?:,|EACCES|EPERM|EROFS|ENOTDIR)[^']* '([^']+)'|^npm error path (.+)$/.exec(line) ?? [];
    if (quoted ?? own) return quoted ?? own;
  }
  return undefined;
}

/** The variables that put a proxy between this machine and the registry. */
function proxies() {
  const names = Object.keys(process.env).filter((name) =>
    /^(?:npm_config_)?(?:https?[-_])?proxy$/i.test(name),
  );
  return names.length === 0 ? '' : ` A proxy is set by ${names.join(' and ')}.`;
}
