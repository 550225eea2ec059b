/** Removes headers from undici's list `[name, value, name, value, …]`. Names are compared in lower case. */
export function removeHeaders(headers: unknown, isRemoved: (name: string, value: unknown) => boolean): void {
  if (!Array.isArray(headers)) return;
  for (let i = headers.length - 2; i >= 0; i -= 2)
    if (isRemoved(String(headers[i]).toLowerCase(), headers[i + 1])) headers.splice(i, 2);
}
