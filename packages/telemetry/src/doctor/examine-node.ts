import { describeOldNode } from '../report/announce.ts';
import type { Finding } from './finding.ts';

/** Whether telemetry runs on this Node. @param version as `process.versions.node` has it */
export function examineNode(version: string = process.versions.node): Finding {
  const what = describeOldNode(version);
  if (what === undefined) return { check: 'node', level: 'ok', what: `Node ${version}.` };
  return { check: 'node', level: 'problem', what, fix: 'Install a newer one: https://nodejs.org.' };
}
