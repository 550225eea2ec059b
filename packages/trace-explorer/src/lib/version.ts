/** The version of this package, as in its package.json, for `--version`, the page and MCP. An installed command has its package.json elsewhere. */
export const VERSION = '0.1.0';
