/** A text that this browser keeps after the page is closed. Undefined before it is set, and when the browser forbids its storage. */
export function keptText(name: string): string | undefined {
  try {
    return localStorage.getItem(`explorer.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a text in this browser, unless the browser forbids its storage or the storage is full. */
export function keepText(name: string, text: string): void {
  try {
    localStorage.setItem(`explorer.${name}`, text);
  } catch {
    // The text lasts until the page is closed.
  }
}
