export { announceLeft } from './call.ts';
export { giveChannels } from './give-channels.ts';
export { withLastLine } from './last-line.ts';
