let typed = '';
let stop = () => {};

/** Keeps what is typed or pasted while the code of the box is on its way, until the box takes it. Escape gives up. */
export function keepTyping(onEscape: () => void): void {
  takeTyped();
  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  stop = () => listening.abort();
  const onKey = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (key === 'Escape') {
      takeTyped();
      onEscape();
    } else if (key === 'Backspace') typed = typed.slice(0, -1);
    else if (key.length === 1) typed += key;
    else return;
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    typed += event.clipboardData?.getData('text') ?? '';
    event.preventDefault();
  };
  document.addEventListener('keydown', onKey, options);
  document.addEventListener('paste', onPaste, options);
}

/** What was typed so far; the box has the keys from now on. */
export function takeTyped(): string {
  stop();
  const taken = typed;
  typed = '';
  return taken;
}
