import type { Finding } from './finding.ts';

/** The first version of each line without the security holes that Node's project published. */
const PATCHED = ['22.23.4', '24.22.1', '26.12.1'];

/** Whether a Node has published security holes. @param version as in `process.versions.node` */
export function examineNode(version: string = process.versions.node): Finding {
  if (!hasHoles(version)) return { check: 'node', level: 'ok', what: `Node ${version}.` };
  return {
    check: 'node',
    level: 'warning',
    what: `Node ${version} has published security holes. ${PATCHED.join(', ')} and later versions of these lines have none of them.`,
    fix: 'Install one of them: https://nodejs.org.',
  };
}

function hasHoles(version: string): boolean {
  const [major, minor, patch] = numbersOf(version);
  const patched = PATCHED.map(numbersOf);
  const [newest] = patched.at(-1) ?? [0];
  const line = patched.find(([each]) => each === major);
  if (line === undefined) return major <= newest;
  const [, minorOfLine, patchOfLine] = line;
  return minor < minorOfLine || (minor === minorOfLine && patch < patchOfLine);
}

function numbersOf(version: string): [major: number, minor: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((number) => Number.parseInt(number, 10));
  return [major, minor, patch];
}
