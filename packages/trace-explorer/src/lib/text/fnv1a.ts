/** FNV-1a over a text's UTF-16 units: a 32-bit hash, equal for equal texts on every machine. */
export function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
