/** Reads several texts from one param of a URL. A text may contain anything, commas included. */
export function readList(text = ''): string[] {
  if (text === '') return [];
  return text.split(',').map((each) => {
    try {
      return decodeURIComponent(each);
    } catch {
      return each;
    }
  });
}

/** The texts as one param; undefined for none. */
export function writeList(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : texts.map(encodeURIComponent).join(',');
}
