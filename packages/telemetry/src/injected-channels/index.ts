export { withChannels } from './with-channels.ts';
