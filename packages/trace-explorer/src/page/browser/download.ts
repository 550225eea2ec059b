/** Milliseconds after which the browser has begun with a file. */
const BEGUN_MS = 60_000;

/** Gives the reader a file that the page made or fetched. @param name how the file is called among the reader's downloads */
export function download(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), BEGUN_MS);
}
