/** A value of JavaScript as text; arrays and maps, whatever their names are, as JSON. */
export function plainText(plain: unknown): string {
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}
