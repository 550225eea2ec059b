/** Of this package, as in its package.json, which is elsewhere when the command is installed. */
export const VERSION = '0.1.0';
