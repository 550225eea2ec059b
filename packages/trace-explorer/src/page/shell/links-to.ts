/** Links of a view to one address, in their order. */
export function linksTo(view: Element, href: string): (HTMLElement | SVGElement)[] {
  const all = [...view.querySelectorAll<HTMLElement | SVGElement>('a[href]')];
  return all.filter((each) => each.getAttribute('href') === href);
}
