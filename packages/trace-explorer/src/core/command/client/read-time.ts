import { CliError } from './explorer-client.ts';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds since the epoch of a time, or of an age such as `90m`. @throws CliError */
export function readTime(text: string): number {
  const [, count, unit] = /^(\d{1,6})\s*([mhd])$/.exec(text.trim()) ?? [];
  if (count !== undefined) return Date.now() - Number(count) * UNITS[unit as keyof typeof UNITS];
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new CliError(
    `${JSON.stringify(text)} is not a time: write 2026-11-20T08:00, or an age such as 90m, 12h or 7d.`,
  );
}
