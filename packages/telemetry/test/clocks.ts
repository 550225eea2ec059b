const { now: systemNow } = Date;
const monotonicNow = performance.now.bind(performance);

/** What the clocks say that telemetry takes when it loads. Import this file before any of its sources. */
export const clocks = { systemNow, monotonicNow };

/** Lets the clocks go on as those of the system. */
export function restoreClocks(): void {
  Object.assign(clocks, { systemNow, monotonicNow });
}

Date.now = () => clocks.systemNow();
performance.now = () => clocks.monotonicNow();
