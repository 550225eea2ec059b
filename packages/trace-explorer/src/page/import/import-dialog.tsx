import { Dialog } from '../components/overlays/dialog.tsx';
import { ImportButton } from './import-button.tsx';

/** Takes files into the store. Files that are dropped on the page are taken without it. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Import" onClose={onClose}>
      <div class="column">
        <p class="muted">
          Files of OTLP JSON, saved runs, or pages that were saved here. You can also drop them anywhere on
          the page.
        </p>
        <ImportButton />
      </div>
    </Dialog>
  );
}
