/**
 * Whether an Origin is a page of this machine. Browsers always send the Origin of the page with a POST, so
 * this also stops a page whose name was rebound to a loopback address: its Origin keeps that name.
 */
export function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
