export { announceLeft } from './call.ts';
export { giveChannels } from './give-channels.ts';
export { withLastLine } from './last-line.ts';
export { sayScans } from './scans.ts';
