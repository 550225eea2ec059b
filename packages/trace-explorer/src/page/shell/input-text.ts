/** A moment in the form of an HTML input for dates and times. */
export function inputText(seconds: number): string {
  const offset = new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date((Math.floor(seconds) - offset) * 1000).toISOString().slice(0, 19);
}
