// What a trace shows after its first drawing is one file of the bundle.
export { LogsPane } from '../log-pane/logs-pane.tsx';
export { SpanPanel } from '../panel/span-panel.tsx';
export { Candidates } from './candidates.tsx';
export { Compared } from './compared.tsx';
export { CopyButtons } from './copy-buttons.tsx';
export { Drawn } from './drawn.tsx';
export { Help } from './help.tsx';
export { TraceFiles } from './trace-files.tsx';
