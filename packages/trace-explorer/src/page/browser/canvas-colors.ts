import { getOrMake } from '../../lib/get-or-make.ts';

/** Turns colours of styles, such as `var(--c1)`, into what a canvas takes. Use it for one drawing: a theme may change after it. */
export function canvasColors(element: HTMLElement): (color: string) => string {
  const known = new Map<string, string>();
  const computed = getComputedStyle(element);
  return (color) =>
    getOrMake(known, color, () => {
      element.style.color = color;
      const resolved = computed.color;
      element.style.color = '';
      return resolved;
    });
}
