import { Dialog } from '../components/overlays/dialog.tsx';

/** Keys that work in every view. A trace has further ones, which it shows itself. */
const KEYS = [
  ['g', 'go to anything'],
  ['Ctrl V', 'open the trace that was copied'],
  ['j  k', 'the next and the previous row of a list'],
  ['Enter', 'open it'],
  ['r', 'read the view again'],
  ['L', 'new data as it comes, where the view has it'],
  ['/', 'search within the view'],
  ['Esc', 'close what is open'],
  ['?', 'these keys'],
] as const;

/** The keys of every view. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div class="column">
        <dl class="parts" style={{ '--columns': 'auto 1fr' }}>
          {KEYS.map(([key, does]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </>
          ))}
        </dl>
        <p class="muted">A trace has signs and keys of its own: press ? there.</p>
      </div>
    </Dialog>
  );
}
