import { clearTimeout, setTimeout } from '../../common/primordials.ts';
import type { Logger } from '../../road/delivery/logger.ts';
import { VARIABLES } from '../settings/variables.ts';

/** Milliseconds after which a service has loaded its modules. */
const LOOK_MS = 5_000;
/** Variables that a service sets for telemetry. */
const NAMES = Object.keys(VARIABLES).filter((name) => /^(?:OTEL|HONEYCOMB)_/.test(name));

/**
 * Warns once about variables that got a value after telemetry had read them: from `dotenv/config`, which a service imports,
 * or names behind telemetry.
 * @returns looks now, and not later
 */
export function watchLateVariables(log: Logger): () => void {
  const read = NAMES.map((name) => process.env[name]);
  const look = () => {
    clearTimeout(later);
    const late = NAMES.filter((name, at) => process.env[name] && process.env[name] !== read.at(at));
    if (isSaid || late.length === 0) return;
    isSaid = true;
    log.warn(
      {},
      `Telemetry had started when ${late.join(', ')} got a value, which is left out. Set it before the process starts (node --env-file=.env), or name dotenv first: --import dotenv/config --import @tandem/telemetry/register.`,
    );
  };
  let isSaid = false;
  const later = setTimeout(look, LOOK_MS).unref();
  return look;
}
