import type { Finding } from './finding.ts';

/** What package.json of the tarball asks for in `engines`. */
const OLDEST = [22, 15] as const;

/** Whether telemetry runs on this Node. @param version as `process.versions.node` has it */
export function examineNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))
    return { check: 'node', level: 'ok', what: `Node ${version}.` };
  const what = `This is Node ${version}; @tandem/telemetry needs ${OLDEST.join('.')} or newer.`;
  return { check: 'node', level: 'problem', what, fix: 'Install a newer one: https://nodejs.org.' };
}
