/** Tests whether a text contains all words of the input, or parts of words, in any order. */
export function hasWordsOf(input: string): (text: string) => boolean {
  const words = input
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return (text) => words.every((word) => text.toLowerCase().includes(word));
}
