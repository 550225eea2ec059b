import type { Page } from 'playwright-core';

/** Pixels of the scale, and the weights of its letters. */
const SIZES = [11, 12, 13, 15, 20, 28];
const WEIGHTS = [400, 500, 600];

/** What is wrong with the look of what is shown now: cut texts, sizes, controls of the browser, pale borders of fields. One line each. */
export function lookFaults(page: Page): Promise<string[]> {
  return page.evaluate(
    ([sizes, weights]) => {
      const found = new Set<string>();
      const nameOf = (element: Element) =>
        `${element.tagName.toLowerCase()}${[...element.classList].map((each) => `.${each}`).join('')}`;
      const say = (what: string, element: Element) =>
        found.add(`${what}: ${nameOf(element)} “${element.textContent.trim().slice(0, 40)}”`);
      const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      const channels = (color: string): number[] => {
        if (canvas === null) return [];
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const luminance = (color: string) => {
        const [r = 0, g = 0, b = 0] = channels(color).map((each) => {
          const value = each / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (a: string, b: string) => {
        const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
      };
      const groundOf = (element: Element | null): string => {
        if (element === null) return 'Canvas';
        const { backgroundColor } = getComputedStyle(element);
        return channels(backgroundColor)[3] === 255 ? backgroundColor : groundOf(element.parentElement);
      };
      if (document.documentElement.scrollWidth > innerWidth) found.add('the page is wider than the window');
      for (const element of document.body.querySelectorAll('*')) {
        if (!(element instanceof HTMLElement) || !element.checkVisibility({ opacityProperty: true }))
          continue;
        if (element.closest('.visually-hidden, .skip-link, noscript') !== null) continue;
        const style = getComputedStyle(element);
        // For a screen reader alone.
        if (style.clipPath === 'inset(50%)') continue;
        const isControl = element.matches('button, input, select, textarea');
        if (isControl && (style.appearance !== 'none' || element.matches('select')))
          say(`the browser's own look (${style.appearance})`, element);
        if (
          element.matches('input:not([type=radio], [type=range]), textarea') &&
          style.borderTopWidth !== '0px'
        ) {
          const ratio = contrast(style.borderTopColor, groundOf(element.parentElement));
          if (ratio < 3) say(`a border of ${ratio.toFixed(1)}:1`, element);
        }
        const hasText = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
        );
        if (!hasText) continue;
        const size = Number.parseFloat(style.fontSize);
        if (!sizes.includes(size)) say(`${size} pixels`, element);
        if (!weights.includes(Number(style.fontWeight))) say(`weight ${style.fontWeight}`, element);
        const isCut =
          ['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
        if (isCut && element.closest('[title]') === null) say('cut without a title', element);
      }
      return [...found];
    },
    [SIZES, WEIGHTS] as const,
  );
}
