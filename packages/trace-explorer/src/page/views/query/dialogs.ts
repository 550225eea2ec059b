export { Samples } from './calculated/samples.tsx';
export { PasteDialog } from './paste-dialog.tsx';
export { SavedDialog } from './saved/saved-dialog.tsx';
