// Icons of lucide 1.65.0, with its licence beside it. `node tandem documents` writes this file.

/** The shapes of a picture of 24 × 24. */
export type Shapes = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];

export const arrowDown: Shapes = [ ["path", { d: "M12 5v14" }], ["path", { d: "m19 12-7 7-7-7" }] ];
export const arrowRight: Shapes = [ ["path", { d: "M5 12h14" }], ["path", { d: "m12 5 7 7-7 7" }] ];
export const arrowUp: Shapes = [ ["path", { d: "m5 12 7-7 7 7" }], ["path", { d: "M12 19V5" }] ];
export const chartGantt: Shapes = [ ["path", { d: "M10 6h8" }], ["path", { d: "M12 16h6" }], ["path", { d: "M3 3v16a2 2 0 0 0 2 2h16" }], ["path", { d: "M8 11h7" }] ];
export const check: Shapes = [["path", { d: "M20 6 9 17l-5-5" }]];
export const chevronDown: Shapes = [["path", { d: "m6 9 6 6 6-6" }]];
export const chevronLeft: Shapes = [["path", { d: "m15 18-6-6 6-6" }]];
export const chevronRight: Shapes = [["path", { d: "m9 18 6-6-6-6" }]];
export const circleX: Shapes = [ ["circle", { cx: "12", cy: "12", r: "10" }], ["path", { d: "m15 9-6 6" }], ["path", { d: "m9 9 6 6" }] ];
export const clock: Shapes = [ ["circle", { cx: "12", cy: "12", r: "10" }], ["path", { d: "M12 6v6l4 2" }] ];
export const copy: Shapes = [ ["rect", { width: "14", height: "14", x: "8", y: "8", rx: "2", ry: "2" }], ["path", { d: "M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" }] ];
export const download: Shapes = [ ["path", { d: "M12 15V3" }], ["path", { d: "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4" }], ["path", { d: "m7 10 5 5 5-5" }] ];
export const ellipsis: Shapes = [ ["circle", { cx: "12", cy: "12", r: "1" }], ["circle", { cx: "19", cy: "12", r: "1" }], ["circle", { cx: "5", cy: "12", r: "1" }] ];
export const gitBranch: Shapes = [ ["path", { d: "M15 6a9 9 0 0 0-9 9V3" }], ["circle", { cx: "18", cy: "6", r: "3" }], ["circle", { cx: "6", cy: "18", r: "3" }] ];
export const link: Shapes = [ ["path", { d: "M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71" }], ["path", { d: "M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07l1.71-1.71" }] ];
export const listFilter: Shapes = [ ["path", { d: "M2 5h20" }], ["path", { d: "M6 12h12" }], ["path", { d: "M9 19h6" }] ];
export const maximize: Shapes = [ ["path", { d: "M8 3H5a2 2 0 0 0-2 2v3" }], ["path", { d: "M21 8V5a2 2 0 0 0-2-2h-3" }], ["path", { d: "M3 16v3a2 2 0 0 0 2 2h3" }], ["path", { d: "M16 21h3a2 2 0 0 0 2-2v-3" }] ];
export const minus: Shapes = [["path", { d: "M5 12h14" }]];
export const play: Shapes = [ [ "path", { d: "M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z" } ] ];
export const plus: Shapes = [ ["path", { d: "M5 12h14" }], ["path", { d: "M12 5v14" }] ];
export const refreshCw: Shapes = [ ["path", { d: "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8" }], ["path", { d: "M21 3v5h-5" }], ["path", { d: "M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16" }], ["path", { d: "M8 16H3v5" }] ];
export const search: Shapes = [ ["path", { d: "m21 21-4.34-4.34" }], ["circle", { cx: "11", cy: "11", r: "8" }] ];
export const textAlignStart: Shapes = [ ["path", { d: "M21 5H3" }], ["path", { d: "M15 12H3" }], ["path", { d: "M17 19H3" }] ];
export const triangleAlert: Shapes = [ ["path", { d: "m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" }], ["path", { d: "M12 9v4" }], ["path", { d: "M12 17h.01" }] ];
export const x: Shapes = [ ["path", { d: "M18 6 6 18" }], ["path", { d: "m6 6 12 12" }] ];
