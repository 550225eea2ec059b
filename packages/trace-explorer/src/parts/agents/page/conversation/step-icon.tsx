import bot from 'lucide/dist/esm/icons/bot.mjs';
import message from 'lucide/dist/esm/icons/message-square.mjs';
import tool from 'lucide/dist/esm/icons/wrench.mjs';
import { h } from 'preact';

const SHAPES = { model: bot, prompt: message, tool } as const;

/** A step's picture, as those of the frame: of a model, a tool or a prompt. */
export function StepIcon({ of }: { of: keyof typeof SHAPES }) {
  return (
    <svg class="icon-mark" viewBox="0 0 24 24" aria-hidden="true">
      {SHAPES[of].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
