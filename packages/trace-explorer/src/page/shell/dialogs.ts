// Dialogs that few people open share one file of the bundle.
export { PipelineDialog } from '../health/pipeline-dialog.tsx';
export { ImportDialog } from '../import/import-dialog.tsx';
export { DeleteDialog } from './delete-dialog.tsx';
export { KeysDialog } from './keys-dialog.tsx';
