// What opens over the page is one file of the bundle.
export { PipelineDialog } from '../health/pipeline-dialog.tsx';
export { ImportDialog } from '../import/import-dialog.tsx';
export { DeleteDialog } from './delete-dialog.tsx';
export { GoBox } from './go/go-box.tsx';
export { KeysDialog } from './keys-dialog.tsx';
export { More } from './more.tsx';
export { TimeList } from './time-list.tsx';
export { UnreadParams } from './unread-params.tsx';
