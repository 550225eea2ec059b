export { Samples } from './calculated/samples.tsx';
export { PasteDialog } from './paste-dialog.tsx';
export { SaveQuery } from './saving/save-query.tsx';
export { SavedDialog } from './saving/saved-dialog.tsx';
