export { Samples } from './calculated/samples.tsx';
export { PasteDialog } from './paste-dialog.tsx';
export { SaveQuery } from './saved/save-query.tsx';
export { SavedDialog } from './saved/saved-dialog.tsx';
