import { Icon } from '../components/icon.tsx';
import { Dialog } from '../components/overlays/dialog.tsx';
import { ImportButton } from './import-button.tsx';

/** Takes files into the store. Files that are dropped on the page are taken without it. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Import" onClose={onClose}>
      <p class="boxed pad strip">
        <Icon name="download" /> Drop files anywhere on the page, or choose them here.
      </p>
      <p class="muted">OTLP JSON, saved runs and pages, JSON of Jaeger or Zipkin; gzip is fine, too.</p>
      <div class="dialog-foot strip">
        <ImportButton />
      </div>
    </Dialog>
  );
}
