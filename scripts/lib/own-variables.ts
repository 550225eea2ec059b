import type { Part } from './run-part.ts';

/** Variables that this command sets for its processes. */
export function ownVariables(parts: readonly Pick<Part, 'environment'>[]): Set<string> {
  const names = parts.flatMap(({ environment }) =>
    Object.keys(environment).filter((name) => environment[name] !== process.env[name]),
  );
  return new Set(names);
}

/** Telemetry's sentence about settings that are not default, without the variables that the caller has set by itself. */
export function withoutOwnVariables(text: string, own: ReadonlySet<string>): string {
  return text.replace(/Not default: ([^"]*)\.(?="|$)/, (_, list: string) => {
    const others = list.split(', ').filter((name) => !own.has(name));
    return others.length === 0 ? 'All settings are defaults.' : `Not default: ${others.join(', ')}.`;
  });
}
