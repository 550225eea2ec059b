import type { Finding } from './finding.ts';
import { describeHoles } from './patched-node.js';

/** Whether a Node has published security holes. @param version as in `process.versions.node` */
export function examineNode(version: string = process.versions.node): Finding {
  const holes = describeHoles(version);
  if (holes === undefined) return { check: 'node', level: 'ok', what: `Node ${version}.` };
  return { check: 'node', level: 'warning', what: holes, fix: 'Install one of them: https://nodejs.org.' };
}
