/** Loads a file of styles, unless the page has it, ahead of the styles that override all others. */
export async function loadStyles(href: string | undefined): Promise<void> {
  if (href === undefined || document.querySelector(`link[href="${href}"]`) !== null) return;
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  const loaded = Promise.withResolvers<void>();
  link.addEventListener('load', () => loaded.resolve());
  link.addEventListener('error', () => {
    link.remove();
    loaded.reject(new Error(`${href} could not be loaded`));
  });
  document.getElementById('last-styles')?.before(link);
  await loaded.promise;
}
