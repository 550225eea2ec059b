/** The two buttons at the end of a form. */
export function Choices({ submit, onClose }: { readonly submit: string; readonly onClose: () => void }) {
  return (
    <p class="dialog-foot strip">
      <button type="button" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" class="primary">
        {submit}
      </button>
    </p>
  );
}
