// Short words about what just happened, for eyes and for screen readers.

import { signal } from '@preact/signals';
import { inWords } from '../text/failure';

interface Words { text: string; isFailure: boolean }
const words = signal<Words | undefined>(undefined);
const SHOWN_MILLISECONDS = 6_000;
let timer = 0;

export function say(text: string, isFailure = false): void {
  words.value = { text, isFailure };
  clearTimeout(timer);
  timer = setTimeout(() => { words.value = undefined; }, SHOWN_MILLISECONDS);
}

/** Does something, and says in words why it failed. Tells whether it was done. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done) say(done);
    return true;
  } catch (cause) {
    say(inWords(cause), true);
    return false;
  }
}

export function Saying() {
  const shown = words.value;
  return (
    <div class="saying" role="status" aria-live="polite">
      {shown && <p class={shown.isFailure ? 'words failure' : 'words'}>{shown.text}</p>}
    </div>
  );
}
