import { useId, useState } from 'preact/hooks';
import type { Status } from '../../core/status.ts';
import { errorMessage, send } from '../api/api.ts';
import { useJson } from '../api/use-load.ts';
import { placeNow } from '../browser/router.ts';
import { Dialog, FormError } from '../components/overlays/dialog.tsx';
import { Busy } from '../components/states/busy.tsx';
import { formatCount } from '../values/format.ts';
import { inputText } from './input-text.ts';

type Which = 'trace' | 'before' | 'all';

export interface DeleteDialogProps {
  readonly onClose: () => void;
  /** Called after a deletion, with the trace's id when it was a single trace. */
  readonly onDeleted: (traceId: string | undefined) => void;
}

/** Asks which traces to delete. Deletion is final, so the button names the traces. */
export function DeleteDialog({ onClose, onDeleted }: DeleteDialogProps) {
  const id = useId();
  const { view, id: traceId } = placeNow();
  const hasTrace = view === 'trace' && traceId !== undefined;
  const [which, setWhich] = useState<Which>(hasTrace ? 'trace' : 'before');
  const [anHourAgo] = useState(() => inputText(Date.now() / 1000 - 3600));
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { value: status } = useJson<Status>('/api/status');
  const submit = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const time = Date.parse(String(new FormData(event.currentTarget).get('before'))) / 1000;
    const paths = {
      trace: `/api/traces/${encodeURIComponent(traceId ?? '')}`,
      before: `/api/traces?before=${time}`,
      all: '/api/traces?all=true',
    };
    setBusy(true);
    try {
      const { traces } = await send<{ traces: number; spans: number }>('DELETE', paths[which]);
      if (which === 'before' && traces === 0) return setError('There is no trace from before that time.');
      onDeleted(which === 'trace' ? traceId : undefined);
      onClose();
    } catch (problem) {
      setError(errorMessage(problem));
    } finally {
      setBusy(false);
    }
  };
  const choice = (value: Which, label: string) => (
    <label class="choice">
      <input
        type="radio"
        name={`${id}-which`}
        checked={which === value}
        onChange={() => {
          setWhich(value);
          setError(undefined);
        }}
      />
      {label}
    </label>
  );
  const spans = status === undefined ? 'everything' : `all ${formatCount(status.spans)} spans`;
  return (
    <Dialog title="Delete stored data" onClose={onClose}>
      <form class="column" onSubmit={submit}>
        <fieldset class="column">
          <legend class="visually-hidden">What to delete</legend>
          {hasTrace && choice('trace', `This trace (${traceId.slice(0, 8)}…)`)}
          {choice('before', 'Traces whose last span began before')}
          <input
            type="datetime-local"
            step={1}
            name="before"
            aria-label="Before, in local time"
            required={which === 'before'}
            defaultValue={anHourAgo}
            onInput={() => {
              setWhich('before');
              setError(undefined);
            }}
          />
          {choice('all', `Everything: ${spans} and their fields`)}
        </fieldset>
        <p class="muted">
          It cannot be undone. Only this explorer’s store is changed; spans that come in from now on are kept.
        </p>
        <FormError error={error} />
        {busy && <Busy what="Deleting" />}
        <p class="dialog-foot strip">
          {/* Cancel has the focus: the key that opened the dialog, held down, must not delete. */}
          <button type="button" onClick={onClose} autofocus>
            Cancel
          </button>
          <button type="submit" class="danger" disabled={busy}>
            Delete {{ trace: 'this trace', all: 'everything', before: 'these traces' }[which]}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
