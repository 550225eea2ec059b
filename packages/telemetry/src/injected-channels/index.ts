export { giveChannels } from './give-channels.ts';
