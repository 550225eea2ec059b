import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasOwnNode, OWN_NODE } from './own-node.js';
import { runPnpm } from './pnpm.js';
import { whyItFailed } from './why-it-failed.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** What an installation by this file is of: a hash of the lock file, and whether tools are there. */
const STAMP = join(ROOT, 'node_modules', '.tandem-installed');
const WITH_TOOLS = ' with tools';
const STORE = join(ROOT, 'node_modules', '.pnpm');
/** pnpm's copy of the lock file that it installed from. */
const COPY = join(STORE, 'lock.yaml');
/** pnpm's line about a package that it could not fetch, and may have fetched later. */
const NOT_FETCHED = /GET \S+?\/(?<name>(?:@[^/]+\/)?(?<file>[^/]+))\/-\/\k<file>-(?<version>\S+)\.tgz error /;

/**
 * Installs what a command needs and is not there. Says so on standard error, and asks no registry when all is there.
 * @returns what is wrong, in one sentence, where it cannot be installed; undefined when all is there
 */
export async function installMissing({ command, needsTools, needsOwnNode }) {
  const found = whatIsInstalled();
  const hasPackages = found === 'all' || (found === 'some' && !needsTools);
  const hasNode = !needsOwnNode || existsSync(OWN_NODE);
  if (hasPackages && hasNode) return undefined;
  if (needsOwnNode && !hasOwnNode()) {
    const [who, which] = needsTools ? [`\`${command}\``, '24 or 26'] : ['Tandem', '22.18 or newer'];
    return `This is Node ${process.versions.node}. ${who} needs ${which} here: https://nodejs.org`;
  }
  console.error(
    needsTools
      ? 'Installing Tandem, with the tools that test and change it. This is done once, and takes a minute or two.'
      : 'Installing what Tandem needs. This is done once, and takes about a minute.',
  );
  // What is there stays: who has tools keeps them when an older Node calls.
  const withTools = needsTools || found === 'all';
  forget(STAMP);
  const { code, lines } = await runPnpm(ROOT, [
    ...['install', '--frozen-lockfile', withTools ? '--config.production=false' : '--prod'],
    ...(needsOwnNode ? [] : ['--filter', '!@tandem/own-node']),
  ]);
  const isWhole = isThere(lines) && (!needsOwnNode || existsSync(OWN_NODE));
  if (code === 0 && !isWhole) forget(COPY); // pnpm takes it for whole
  if (code !== 0 || !isWhole) return whyItFailed(lines, ROOT);
  writeFileSync(STAMP, lockHash() + (withTools ? WITH_TOOLS : ''));
  return undefined;
}

/** `all` with the tools, `some` without; the own Node aside. */
function whatIsInstalled() {
  if (!existsSync(COPY)) return 'none';
  const stamp = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  if (stamp === lockHash() + WITH_TOOLS || lockText(COPY) === lockText()) return 'all';
  return stamp === lockHash() ? 'some' : 'none';
}

/**
 * Whether the packages are there that could not be fetched at first. pnpm goes on without an optional one, which may be the
 * explorer's store for this machine.
 */
function isThere(lines) {
  const names = existsSync(STORE) ? readdirSync(STORE) : [];
  return lines.every((line) => {
    const { name, version } = NOT_FETCHED.exec(line)?.groups ?? {};
    if (name === undefined) return true;
    const folders = names.filter((each) => each.startsWith(`${name.replace('/', '+')}@${version}`));
    return folders.some((each) => existsSync(join(STORE, each, 'node_modules', name, 'package.json')));
  });
}

/** Where it cannot be removed, pnpm can write nothing either, and says so. */
function forget(path) {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Git may have changed the ends of its lines. */
function lockText(path = join(ROOT, 'pnpm-lock.yaml')) {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

function lockHash() {
  return createHash('sha256').update(lockText()).digest('hex');
}
