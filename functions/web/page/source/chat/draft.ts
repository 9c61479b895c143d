// The message that somebody is writing. It is kept until it is sent, even while the panel is closed.

import { computed, signal } from '@preact/signals';
import type { Message } from '../api/client';
import type { ChatStore } from './store';
import { typedOf } from './words';

/** The longest message that the server takes. */
const MOST_CHARACTERS = 32_000;

/** A random name, by which the page recognizes a message that it sent more than once. */
function newReference(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Draft {
  readonly text = signal('');
  /** The message that this one replies to. */
  readonly answered = signal<Message | undefined>(undefined);
  /** The message that this one replaces. */
  readonly edited = signal<Message | undefined>(undefined);
  readonly isBusy = signal(false);
  /** Why the last attempt to send it failed. */
  readonly failure = signal<unknown>(undefined);
  /** The number of characters by which it is too long. */
  readonly surplus = computed(() => {
    const { value } = this.text;
    return value.length > MOST_CHARACTERS ? Math.max([...value.trim()].length - MOST_CHARACTERS, 0) : 0;
  });
  private reference = newReference();

  constructor(private readonly chat: ChatStore) {}

  type(text: string): void {
    if (text === this.text.value) return;
    this.text.value = text;
    if (this.failure.value === undefined) return;
    this.failure.value = undefined;
    // The failed attempt may have arrived after all, and this is a different message now.
    this.reference = newReference();
  }

  answer(message: Message): void {
    if (this.isBusy.value) return;
    if (this.edited.value) this.clear();
    this.answered.value = message;
  }

  edit(message: Message): void {
    if (this.isBusy.value) return;
    this.clear();
    this.edited.value = message;
    this.text.value = typedOf(message);
  }

  /** Gives up an edit with its text; a reply becomes an ordinary message and keeps it. */
  cancel(): void {
    if (this.isBusy.value) return;
    if (this.edited.value) this.clear();
    else this.answered.value = undefined;
  }

  private clear(): void {
    this.text.value = '';
    this.answered.value = undefined;
    this.edited.value = undefined;
    this.failure.value = undefined;
    this.reference = newReference();
  }

  async send(): Promise<void> {
    const text = this.text.value.trim();
    if (!text || this.surplus.value || this.isBusy.value) return;
    this.isBusy.value = true;
    try {
      if (this.edited.value) await this.chat.edit(this.edited.value.id, text);
      else await this.chat.send({ message: text, replyTo: this.answered.value?.id, referenceId: this.reference });
      this.clear();
    } catch (cause) {
      this.failure.value = cause;
      // The room may have been locked in the meantime.
      void this.chat.readRoom().catch(() => {});
    }
    this.isBusy.value = false;
  }
}
