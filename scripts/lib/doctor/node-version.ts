import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import { callOf, ROOT } from '../root.ts';

const check = 'node';

/** Whether this is the workspace's own Node, and whether NODE_OPTIONS loads something into every process. */
export function examineNode(
  env: NodeJS.ProcessEnv = process.env,
  running: string = process.versions.node,
): Finding[] {
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const { node: wanted = '' } = devDependencies;
  const same = running.split('.')[0] === wanted.split('.')[0];
  return [
    same
      ? { check, level: 'ok', what: `Node ${running}.` }
      : {
          check,
          level: 'problem',
          what: `This is Node ${running}; the services run on Node ${wanted}.`,
          fix: `Start it with ${callOf('doctor', env)}, which brings its own Node.`,
        },
    ...preloaded(env),
  ];
}

/** A tracer that NODE_OPTIONS loads is in every process, beside the services' own. */
function preloaded({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv): Finding[] {
  const modules = Array.from(
    NODE_OPTIONS.matchAll(/(?:--require|-r|--import|--loader|--experimental-loader)[= ]+(\S+)/g),
    ([, name = '']) => name,
  );
  if (modules.length === 0) return [];
  return [
    {
      check,
      level: 'warning',
      what: `NODE_OPTIONS loads ${modules.join(', ')} into every process: a tracer there makes spans a second time.`,
      fix: 'If that is not meant: unset NODE_OPTIONS.',
    },
  ];
}
