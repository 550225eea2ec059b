import { useState } from 'preact/hooks';

/** A number that stays as set, also after the page is closed: widths, which are a person's and not a link's. */
export function useStoredSize(
  name: string,
  initial: number,
  [least, most]: readonly [least: number, most: number],
): readonly [size: number, set: (size: number) => void] {
  const key = `explorer.trace.${name}`;
  const clamp = (size: number) => Math.round(Math.min(most, Math.max(least, size)));
  const [size, setSize] = useState(() => {
    const stored = Number(read(key) ?? Number.NaN);
    return Number.isFinite(stored) ? clamp(stored) : initial;
  });
  return [
    size,
    (next) => {
      setSize(clamp(next));
      write(key, String(clamp(next)));
    },
  ];
}

/** A switch that stays as set; undefined until it was. */
export function useStoredSwitch(
  name: string,
): readonly [on: boolean | undefined, set: (on: boolean) => void] {
  const key = `explorer.trace.${name}`;
  const [on, setOn] = useState(() => ({ on: true, off: false })[read(key) ?? '']);
  return [
    on,
    (next) => {
      setOn(next);
      write(key, next ? 'on' : 'off');
    },
  ];
}

/** A browser may forbid its storage to a page: then nothing is remembered. */
function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // See read.
  }
}
