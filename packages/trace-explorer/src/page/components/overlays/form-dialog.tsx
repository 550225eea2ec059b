import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { errorMessage } from '../../api/api.ts';
import { Busy } from '../states/busy.tsx';
import type { DialogProps } from './dialog.tsx';
import { Dialog, FormError } from './dialog.tsx';

type Fields = (isRefused: boolean) => ComponentChildren;

interface FormDialogProps extends Omit<DialogProps, 'children'> {
  readonly submit: ComponentChildren;
  /** Whether it takes something away. Then Cancel has the focus: the key that opened the dialog, held down, must not do it. */
  readonly isDanger?: boolean;
  /** Called with the texts of the fields by their names; then the dialog closes. @throws Error what is wrong, and it stays */
  readonly onSubmit: (texts: Readonly<Record<string, string>>) => unknown;
  /** The fields; a function is told whether they were refused. */
  readonly children: ComponentChildren | Fields;
}

/** A form in a dialog. */
export function FormDialog({ submit, isDanger = false, onSubmit, children, ...dialog }: FormDialogProps) {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const send = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    const texts = formTexts(event);
    setBusy(true);
    try {
      await onSubmit(texts);
      dialog.onClose();
    } catch (problem) {
      setError(errorMessage(problem));
    }
    setBusy(false);
  };
  return (
    <Dialog {...dialog}>
      <form class="column" onSubmit={send} onInput={() => setError(undefined)}>
        {typeof children === 'function' ? (children as Fields)(error !== undefined) : children}
        <FormError error={error} />
        {busy && <Busy what={dialog.title} />}
        <p class="dialog-foot strip">
          <button type="button" onClick={dialog.onClose} autofocus={isDanger}>
            Cancel
          </button>
          <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={busy}>
            {submit}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** The texts of a form that is being sent, by the names of its fields. */
export function formTexts(
  event: Event & { readonly currentTarget: HTMLFormElement },
): Readonly<Record<string, string>> {
  event.preventDefault();
  const texts = [...new FormData(event.currentTarget)];
  return Object.fromEntries(texts.map(([name, text]) => [name, String(text).trim()]));
}
