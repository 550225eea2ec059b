/** The two buttons at the end of a form. */
export function Choices({ submit, onClose }: { readonly submit: string; readonly onClose: () => void }) {
  return (
    <p class="choices line">
      <button type="submit" class="primary">
        {submit}
      </button>
      <button type="button" onClick={onClose}>
        Cancel
      </button>
    </p>
  );
}
