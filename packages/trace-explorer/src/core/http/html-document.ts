import { escapeHtml } from './escape-html.ts';

/** A document of HTML. @param title text @param head its other elements, as HTML */
export function htmlDocument({ title, head, body }: Readonly<Record<'title' | 'head' | 'body', string>>) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}
