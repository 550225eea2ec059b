import { useId, useState } from 'preact/hooks';
import type { Status } from '../../core/status.ts';
import { send } from '../api/api.ts';
import { useJson } from '../api/use-load.ts';
import { placeNow } from '../browser/router.ts';
import { FormDialog } from '../components/overlays/form-dialog.tsx';
import { counted } from '../values/format.ts';
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
  const { value: status } = useJson<Status>('/api/status');
  const remove = async ({ before = '' }: Readonly<Record<string, string>>) => {
    const paths = {
      trace: `/api/traces/${encodeURIComponent(traceId ?? '')}`,
      before: `/api/traces?before=${Date.parse(before) / 1000}`,
      all: '/api/traces?all=true',
    };
    const { traces } = await send<{ traces: number; spans: number }>('DELETE', paths[which]);
    if (which === 'before' && traces === 0) throw new Error('There is no trace from before that time.');
    onDeleted(which === 'trace' ? traceId : undefined);
  };
  const choice = (value: Which, label: string) => (
    <label class="choice">
      <input type="radio" name={`${id}-which`} checked={which === value} onChange={() => setWhich(value)} />
      {label}
    </label>
  );
  const spans = status === undefined ? 'everything' : `all ${counted(status.spans, 'span')}`;
  return (
    <FormDialog
      title="Delete stored data"
      isDanger
      submit={`Delete ${{ trace: 'this trace', all: 'everything', before: 'these traces' }[which]}`}
      onSubmit={remove}
      onClose={onClose}
    >
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
          onInput={() => setWhich('before')}
        />
        {choice('all', `Everything: ${spans} and their fields`)}
      </fieldset>
      <p class="muted">
        It cannot be undone. Only this explorer’s store is changed; spans that come in from now on are kept.
      </p>
    </FormDialog>
  );
}
