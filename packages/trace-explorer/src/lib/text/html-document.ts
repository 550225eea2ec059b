import { escapeHtml } from './escape-html.ts';

interface DocumentParts {
  /** As text. */
  readonly title: string;
  /** Its other elements, as HTML. */
  readonly head: string;
  readonly body: string;
  /** What a person chose; the system's when left out. */
  readonly theme?: 'light' | 'dark' | undefined;
}

/** The theme that a person chose, which the page keeps in a cookie. */
export function themeOf(cookies = ''): 'light' | 'dark' | undefined {
  const [, theme] = /(?:^|;\s*)tandem-theme=(light|dark)(?:;|$)/.exec(cookies) ?? [];
  return theme as 'light' | 'dark' | undefined;
}

/** A document of HTML. */
export function htmlDocument({ title, head, body, theme }: DocumentParts): string {
  return `<!doctype html>
<html lang="en"${theme === undefined ? '' : ` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme ?? 'light dark'}">
<title>${escapeHtml(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}
