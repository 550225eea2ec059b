import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from '../inputs/icon-button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Whether it has room for a table. */
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog. Escape, a click outside and its cross close it. The focus returns to where it was. */
export function Dialog({ title, onClose, isWide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Opens before the browser paints, so that keys pressed at once reach the dialog.
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  // A removed dialog emits its close event a moment later, when the next dialog may be open already.
  const closed = () => dialog.current !== null && onClose();
  return (
    <dialog
      ref={dialog}
      style={{ '--width': isWide ? '640px' : undefined }}
      aria-labelledby={id}
      closedby="any"
      onClose={closed}
    >
      <h2 id={id}>{title}</h2>
      {children}
      {/* Last, so that a field of the dialog has the focus first. */}
      <IconButton icon="x" label="Close" onPress={onClose} />
    </dialog>
  );
}

/** The reason for a form's refusal; nothing without one. */
export function FormError({ error }: { error: string | undefined }) {
  return error === undefined ? null : (
    <p class="error-text" role="alert">
      {error}
    </p>
  );
}
