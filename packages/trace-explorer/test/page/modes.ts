import type { Page } from 'playwright-core';

/** Animations that go on, and transitions that would. */
export function moving(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      document.getAnimations().filter(({ playState }) => playState === 'running').length +
      [...document.querySelectorAll('body *')].filter(
        (element) => Number.parseFloat(getComputedStyle(element).transitionDuration) > 0.01,
      ).length,
  );
}

/** What is current, selected or pressed but looks like its neighbours; bars that have the colour of the ground. */
export function erased(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const look = (element: Element) => {
      const style = getComputedStyle(element);
      const line = (side: string) =>
        `${style.getPropertyValue(`border-${side}-style`)} ${style.getPropertyValue(`border-${side}-width`)} ${style.getPropertyValue(`border-${side}-color`)}`;
      return [
        ...['top', 'right', 'bottom', 'left'].map(line),
        style.color,
        style.backgroundColor,
        style.outline,
        style.boxShadow,
        style.fontWeight,
        style.textDecorationLine,
      ].join();
    };
    const found: string[] = [];
    for (const chosen of document.querySelectorAll(
      'nav [aria-current="page"], [role="tab"][aria-selected="true"]',
    )) {
      const like = [...(chosen.parentElement?.children ?? [])].find((each) => each !== chosen);
      if (like !== undefined && look(like) === look(chosen)) found.push(chosen.outerHTML.slice(0, 120));
    }
    const ground = getComputedStyle(document.body).backgroundColor;
    for (const mark of document.querySelectorAll('.service-mark, .service-bar > span')) {
      const { backgroundColor, borderTopWidth } = getComputedStyle(mark);
      const isClear = backgroundColor === ground || backgroundColor === 'rgba(0, 0, 0, 0)';
      if (isClear && borderTopWidth === '0px') found.push(mark.outerHTML.slice(0, 120));
    }
    return found;
  });
}

/** What says something by the colour of its ground. */
const DATA =
  '.service-mark, .service-bar > span, .share-pair > span, .bar, .bar-critical, .bar-stall, .density-bars > span > i, .level-sign';

/**
 * What is wrong with what is shown now on paper: what can only be pressed, what would lie over the rows of each sheet, what sticks
 * out, texts too pale for white paper, and colours that are data but are left out as backgrounds are.
 */
export function wrongOnPaper(page: Page): Promise<string[]> {
  return page.evaluate((data) => {
    const found: string[] = [];
    const say = (what: string, element: Element) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    /** Contrast with white paper. */
    const contrast = (color: string) => {
      if (canvas === null) return 0;
      canvas.fillStyle = 'white';
      canvas.fillRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => {
        const value = each / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
    };
    const keepsGround = (element: Element | null): boolean =>
      element !== null &&
      ((getComputedStyle(element).printColorAdjust === 'exact' &&
        getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)') ||
        keepsGround(element.parentElement));
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility({ opacityProperty: true })) continue;
      const style = getComputedStyle(element);
      if (style.clipPath === 'inset(50%)') continue;
      const isControl = element.matches(
        'button:not(.plain, .fold, .field-value, .chip-text, .figure), input, select, nav a, [role=tab], .health, a[download]',
      );
      if (isControl) say('a control', element);
      if (style.position === 'sticky') say('over the rows of each sheet', element);
      if (element.matches(data) && style.printColorAdjust !== 'exact') say('without its colour', element);
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      );
      const color = element instanceof SVGElement ? style.fill : style.color;
      if (hasText && contrast(color) < 4.5 && !keepsGround(element)) say(`${color} on white`, element);
    }
    return found;
  }, DATA);
}
